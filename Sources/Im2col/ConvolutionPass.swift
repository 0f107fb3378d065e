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
