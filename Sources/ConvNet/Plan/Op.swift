import Im2col

/// One or several fused layers, compiled for a number of images.
///
/// Inputs and outputs are `[images, features]` with the features in NHWC order; inside, an op may use any
/// layout. The caller allocates all memory. Repeated runs on the same memory give the same bits for any
/// number of workers.
package protocol Op: Sendable {
  /// The number of scalars in the input of one image.
  var inputCount: Int { get }
  /// The number of scalars in the output of one image.
  var outputCount: Int { get }
  /// Bytes per image that `forward` saves for `backward`.
  var savedBytes: Int { get }
  /// Scalars of scratch shared by all workers of a run.
  var sharedScratchFloats: Int { get }
  /// Scalars of scratch per worker.
  var workerScratchFloats: Int { get }
  /// Scalars derived from the parameters once per update: a transposed kernel.
  var preparedFloats: Int { get }
  /// The lowering; nil for an op that has none.
  var lowering: Lowering? { get }

  /// Computes the output from the input.
  func forward(_ run: ForwardRun)
  /// Computes the input gradient and the parameter gradients from the output gradient.
  func backward(_ run: BackwardRun)
}

/// The operands of a forward run.
package struct ForwardRun {
  /// The number of images.
  package var images: Int
  /// `[images, inputCount]`.
  package var input: UnsafePointer<Float>
  /// `[images, outputCount]`.
  package var output: UnsafeMutablePointer<Float>
  /// All parameters of the model.
  package var parameters: UnsafePointer<Float>
  /// Receives `savedBytes` per image; nil when no backward run follows.
  package var saved: UnsafeMutablePointer<UInt8>?
  /// The key of the random numbers; nil for inference.
  package var randomKey: RandomKey?
  /// The workers and their scratch.
  package var context: ExecutionContext
}

/// The key that determines the random numbers of a training run, independently of the number of workers and
/// the division into micro-batches.
package struct RandomKey: Sendable {
  /// The seed of the model.
  package var seed: UInt64
  /// The number of the update, from 1.
  package var update: Int
  /// The position of the run's first image in the batch.
  package var firstImage = 0

  /// Returns the key for a run that starts at another image of the batch.
  package func starting(at image: Int) -> RandomKey {
    var key = self
    key.firstImage = image
    return key
  }
}

/// The operands of a backward run, including those of the forward run.
package struct BackwardRun {
  /// The number of images.
  package var images: Int
  /// `[images, inputCount]`.
  package var input: UnsafePointer<Float>
  /// `[images, outputCount]`.
  package var output: UnsafePointer<Float>
  /// `[images, outputCount]`; the op may overwrite it.
  package var outputGradient: UnsafeMutablePointer<Float>
  /// `[images, inputCount]`; nil if it is not needed.
  package var inputGradient: UnsafeMutablePointer<Float>?
  /// All parameters of the model.
  package var parameters: UnsafePointer<Float>
  /// The transposed kernel of this op; nil to use the kernel untransposed.
  package var prepared: UnsafePointer<Float>?
  /// The gradient of all parameters.
  package var gradients: UnsafeMutablePointer<Float>
  /// Whether to add to the gradients of this op's parameters instead of overwriting them.
  package var accumulates: Bool
  /// The bytes saved by the forward run.
  package var saved: UnsafePointer<UInt8>
  /// The workers and their scratch.
  package var context: ExecutionContext
}

/// The threads and the scratch of an op: the calling thread alone (micro-batch schedule), or all workers
/// (layer-by-layer schedule).
package struct ExecutionContext {
  /// nil if the calling thread runs alone.
  package var workers: Workers?
  /// The scratch shared by all workers.
  package var sharedScratch: UnsafeMutablePointer<Float>
  /// The scratch of the first worker; those of the others follow at this stride.
  package var workerScratch: UnsafeMutablePointer<Float>
  /// The distance in scalars between the scratch of two workers.
  package var workerScratchStride: Int

  /// Runs independent units of work, each with the scratch of one worker.
  package func forEach(_ units: Int, _ body: (_ unit: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void) {
    guard let workers else {
      for unit in 0..<units { body(unit, workerScratch) }
      return
    }
    workers.run(units) { unit, worker in body(unit, workerScratch + worker * workerScratchStride) }
  }

  /// Runs all units of a convolution pass.
  package func run(_ pass: any ConvolutionPass, _ operands: PassOperands) {
    for stage in pass.stages.indices {
      forEach(pass.stages[stage]) { unit, scratch in
        pass.run(stage: stage, unit: unit, operands, scratch: scratch)
      }
    }
  }

  /// Calls `body` with ranges that cover `0..<count`: one range if the calling thread runs alone, otherwise
  /// ranges determined by the count and the weight.
  package func forEachPart(of count: Int, weight: Int, _ body: (_ part: Int, _ range: Range<Int>) -> Void) {
    let parts = ExecutionContext.parts(of: count, weight: workers == nil ? 0 : weight)
    forEach(parts) { part, _ in body(part, part * count / parts..<(part + 1) * count / parts) }
  }

  /// Returns the number of parts for `count` elements of `weight` scalars each.
  package static func parts(of count: Int, weight: Int) -> Int {
    min(count, maxParts, max(1, count * weight / minScalarsPerPart))
  }

  /// The maximum number of parts; ops keep a partial sum for each.
  package static let maxParts = 16

  private static let minScalarsPerPart = 16_384
}
