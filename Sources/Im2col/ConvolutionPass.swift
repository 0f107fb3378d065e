/// How the pixels and channels of an image batch lie in memory inside a fused layer.
package enum PixelLayout: Sendable, Hashable {
  /// `[batch, height, width, channels]`, the layout of every public tensor.
  case pixelsByChannels
  /// `[channels, batch, height, width]`: for layers with so few channels that rows of
  /// channels would leave vector lanes empty.
  case channelsByPixels
}

/// What a pass may use and how its wide operand lies; decided by shape and options, never by workers.
package struct PassSettings: Sendable, Hashable {
  /// Scalars of scratch that one unit may use.
  package var scratchFloats: Int
  /// Which lowerings may be chosen.
  package var lowering: Lowering
  /// How the output (forward) or the output's gradient (gradients) lies in memory.
  package var layout: PixelLayout

  package init(
    scratchBytes: Int = ComputeOptions.defaultScratchBytes, lowering: Lowering = .automatic,
    layout: PixelLayout = .pixelsByChannels
  ) {
    scratchFloats =
      max(scratchBytes, ComputeOptions.smallestScratchBytes) / MemoryLayout<Float>.stride
    (self.lowering, self.layout) = (lowering, layout)
  }
}

/// Where one run of a pass reads and writes; all plain memory that the caller owns.
package struct PassOperands {
  /// Forward and kernel gradient: the input. Input gradient: the output's gradient.
  package var left: UnsafePointer<Float>
  /// Forward and input gradient: the kernel. Kernel gradient: the output's gradient.
  package var right: UnsafePointer<Float>
  /// What is computed.
  package var result: UnsafeMutablePointer<Float>
  /// At least `sharedFloats` scalars that all units of the run see.
  package var shared: UnsafeMutablePointer<Float>
  /// Forward: `[outputChannels]`, added to every pixel.
  package var bias: UnsafePointer<Float>?
  /// Forward: applied behind the bias. Softmax is not for passes: it needs whole rows.
  package var activation: Activation
  /// Kernel gradient: add to what `result` holds instead of overwriting it.
  package var accumulates: Bool

  package init(
    left: UnsafePointer<Float>, right: UnsafePointer<Float>, result: UnsafeMutablePointer<Float>,
    shared: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>? = nil,
    activation: Activation = .identity, accumulates: Bool = false
  ) {
    (self.left, self.right, self.result, self.shared) = (left, right, result, shared)
    (self.bias, self.activation, self.accumulates) = (bias, activation, accumulates)
  }
}

/// One direction of one convolution, cut into units that any worker may do.
///
/// The units of a stage are independent of each other; a stage begins when the one before it is done.
/// A lowering that prepares its kernel does so in a stage before the products, one that adds up partial sums
/// in a stage behind them, and Winograd's stages are a pipeline of several. The cut depends on the geometry and the settings alone, and every unit writes
/// results of its own, so the bits are the same in whatever order units run.
package protocol ConvolutionPass: Sendable {
  /// The way to a matrix product that this pass goes, as reports show it.
  var loweringName: LoweringName { get }
  /// The multiplications that it makes, as a share of those in the definition.
  var shareOfProducts: Double { get }
  /// How many units each stage has.
  var stages: [Int] { get }
  /// Scalars of scratch that one unit uses; never above the settings' budget.
  var scratchFloats: Int { get }
  /// Scalars that the units share: prepared kernels, transformed tiles and products, partial sums.
  var sharedFloats: Int { get }
  /// Does one unit.
  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>)
}

/// The names of the lowerings in reports.
package enum LoweringName: String, Sendable, Hashable {
  case gemm, im2col, direct, depthwise, winograd2, winograd4
}

extension ConvolutionPass {
  package var shareOfProducts: Double { 1 }

  /// Runs all units on the calling thread: how a fused layer uses a pass inside its chunk.
  package func run(_ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    for stage in stages.indices {
      for unit in 0..<stages[stage] { run(stage: stage, unit: unit, operands, scratch: scratch) }
    }
  }

  /// Scalars from one worker's scratch to the next one's: whole cache lines, so that each begins on one.
  package var scratchStep: Int { CacheLine.rounded(scratchFloats) }

  /// Runs all units on several threads.
  ///
  /// - Parameter scratch: `workers.count * scratchStep` scalars.
  package func run(
    _ operands: PassOperands, workers: Workers, scratch: UnsafeMutablePointer<Float>
  ) {
    for stage in stages.indices {
      workers.run(stages[stage]) { unit, worker in
        run(stage: stage, unit: unit, operands, scratch: scratch + worker * scratchStep)
      }
    }
  }
}

/// Where memory is cut so that no two pieces share a line of the cache.
package enum CacheLine {
  /// Scalars of 64 bytes.
  package static let floats = 16

  /// So many scalars in whole lines.
  package static func rounded(_ floats: Int) -> Int { (floats + Self.floats - 1) / Self.floats * Self.floats }
}
