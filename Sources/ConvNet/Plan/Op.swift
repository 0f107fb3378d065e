import Im2col

/// A fused layer that knows its sizes and works on plain memory.
///
/// Between ops memory is always rows, one an image, each in NHWC order: `[images, features]`. What a op
/// keeps inside of itself is its own affair. Everything is allocated by whoever runs the op; a op run
/// twice on the same memory gives the same bits, with any number of workers.
package protocol Op: Sendable {
  /// Scalars of one image's input.
  var inputCount: Int { get }
  /// Scalars of one image's output.
  var outputCount: Int { get }
  /// Bytes an image that `forward` leaves behind for `backward`.
  var savedBytes: Int { get }
  /// Scalars of scratch that the workers of one run share.
  var sharedFloats: Int { get }
  /// Scalars of scratch that each worker needs for itself.
  var workerFloats: Int { get }
  /// Scalars that are derived from the parameters once an update, such as transposed kernels.
  var preparedFloats: Int { get }
  /// How the op becomes matrix products, where it does.
  var lowering: LoweringName? { get }

  /// Input rows to output rows.
  func forward(_ run: ForwardRun)
  /// Output gradient rows to input gradient rows and to the gradient of the parameters.
  func backward(_ run: BackwardRun)
}

/// Where one forward run reads and writes.
package struct ForwardRun {
  /// Images in this run.
  package var images: Int
  /// `[images, inputCount]`.
  package var input: UnsafePointer<Float>
  /// `[images, outputCount]`.
  package var output: UnsafeMutablePointer<Float>
  /// All parameters of the model.
  package var parameters: UnsafePointer<Float>
  /// `savedBytes` an image; nil when no backward run follows.
  package var saved: UnsafeMutablePointer<UInt8>?
  /// What random numbers follow from; nil when the run is not for training.
  package var randomKey: RandomKey?
  /// Who does the work, and their scratch.
  package var context: ExecutionContext
}

/// What the random numbers of one training run follow from, and nothing else: not who does the work, nor how a
/// batch is dealt out.
package struct RandomKey: Sendable {
  /// The model's.
  package var seed: UInt64
  /// The update that the run is for, counted from 1.
  package var update: Int
  /// Where in its batch the run's first image is.
  package var firstImage = 0

  /// The same for a run whose first image is elsewhere in the batch.
  package func starting(at image: Int) -> RandomKey {
    var randomKey = self
    randomKey.firstImage = image
    return randomKey
  }
}

/// Where one backward run reads and writes; what the forward run read and wrote is still in place.
package struct BackwardRun {
  /// Images in this run.
  package var images: Int
  /// `[images, inputCount]`.
  package var input: UnsafePointer<Float>
  /// `[images, outputCount]`.
  package var output: UnsafePointer<Float>
  /// `[images, outputCount]`; the op may overwrite it.
  package var outputGradient: UnsafeMutablePointer<Float>
  /// `[images, inputCount]`; nil where nobody asks for it.
  package var inputGradient: UnsafeMutablePointer<Float>?
  /// All parameters of the model.
  package var parameters: UnsafePointer<Float>
  /// What this op prepared from the parameters; nil where preparing does not pay.
  package var prepared: UnsafePointer<Float>?
  /// The gradient of all parameters.
  package var gradients: UnsafeMutablePointer<Float>
  /// Add to the gradients instead of overwriting this op's part of them.
  package var accumulates: Bool
  /// What the forward run left.
  package var saved: UnsafePointer<UInt8>
  /// Who does the work, and their scratch.
  package var context: ExecutionContext
}

/// Who does a op's work: the calling thread alone (a micro-batch on its worker), or all workers (a layer at a time).
package struct ExecutionContext {
  /// nil: the calling thread alone.
  package var workers: Workers?
  /// Scratch that all of them see.
  package var shared: UnsafeMutablePointer<Float>
  /// Scratch of the first worker; that of the others follows, `stride` apart.
  package var own: UnsafeMutablePointer<Float>
  /// Scalars of scratch a worker.
  package var stride: Int

  /// Does independent units of work; each gets scratch that nobody else uses meanwhile.
  package func forEach(_ units: Int, _ body: (_ unit: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void) {
    guard let workers else {
      for unit in 0..<units { body(unit, own) }
      return
    }
    workers.run(units) { unit, worker in body(unit, own + worker * stride) }
  }

  /// Runs all units of a convolution pass.
  package func run(_ pass: any ConvolutionPass, _ operands: PassOperands) {
    for stage in pass.stages.indices {
      forEach(pass.stages[stage]) { unit, scratch in
        pass.run(stage: stage, unit: unit, operands, scratch: scratch)
      }
    }
  }

  /// Calls `body` with ranges that cover `0..<count`: one where the calling thread is alone, else ranges of
  /// a size that follows from the count.
  package func forEachPart(of count: Int, weight: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
    let cut = ExecutionContext.parts(of: count, weight: workers == nil ? 0 : weight)
    forEach(cut) { part, _ in body(part, part * count / cut..<(part + 1) * count / cut) }
  }

  /// How many parts `count` things of `weight` scalars each are cut into.
  package static func parts(of count: Int, weight: Int) -> Int {
    min(count, maxParts, max(1, count * weight / scalarsWorthSharing))
  }

  /// At most so many parts, however large the work: partial sums are saved for each.
  package static let maxParts = 16

  private static let scalarsWorthSharing = 16_384
}
