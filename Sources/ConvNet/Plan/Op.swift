import Im2col

/// One or several fused layers, compiled for a number of images.
///
/// Inputs and outputs are `[images, features]` with the features in NHWC order; inside, an op may use any
/// layout. The caller allocates all memory. Repeated runs on the same memory give the same bits for any
/// number of workers.
package protocol Op: Sendable {
  /// Bytes per image that `forward` saves for `backward`.
  var savedBytes: Int { get }
  /// Bytes per run that `forward` saves for `backward`, whatever the number of images.
  var savedBytesPerRun: Int { get }
  /// Whether `backward` reads the inputs.
  var backwardReadsInputs: Bool { get }
  /// Whether `backward` reads the output.
  var backwardReadsOutput: Bool { get }
  /// The input whose gradient `backward` may write over the output gradient; nil for none.
  var inputSharingGradient: Int? { get }
  /// Scalars of scratch shared by all workers of a run.
  var sharedScratchFloats: Int { get }
  /// Scalars of scratch per worker.
  var workerScratchFloats: Int { get }
  /// Scalars that `prepare` derives from the parameters.
  var preparedFloats: Int { get }
  /// The lowering; nil for an op that has none.
  var lowering: Lowering? { get }

  /// Computes what `forward` needs besides the parameters, once after every change of the parameters.
  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>)
  /// Computes the output from the inputs.
  func forward(_ run: ForwardRun)
  /// Computes the input gradients and the parameter gradients from the output gradient.
  func backward(_ run: BackwardRun)
}

extension Op {
  package var savedBytes: Int { 0 }
  package var savedBytesPerRun: Int { 0 }
  package var backwardReadsInputs: Bool { true }
  package var backwardReadsOutput: Bool { true }
  package var inputSharingGradient: Int? { nil }
  package var sharedScratchFloats: Int { 0 }
  package var workerScratchFloats: Int { 0 }
  package var preparedFloats: Int { 0 }
  package var lowering: Lowering? { nil }
  package func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {}
}

/// The operands of a forward run.
package struct ForwardRun {
  /// The number of images.
  package var images: Int
  /// `[images, features]` of every input.
  package var inputs: [UnsafePointer<Float>]
  /// `[images, features]`.
  package var output: UnsafeMutablePointer<Float>
  /// All parameters of the model.
  package var parameters: UnsafePointer<Float>
  /// The same storage, for arrays of the state that the run updates; nil for inference.
  package var state: UnsafeMutablePointer<Float>?
  /// What `prepare` computed.
  package var prepared: UnsafePointer<Float>
  /// Receives the saved bytes; nil when no backward run follows.
  package var saved: UnsafeMutablePointer<UInt8>?
  /// The key of the random numbers; nil for inference.
  package var randomKey: RandomKey?
  /// The workers and their scratch.
  package var context: ExecutionContext

  /// `[images, features]` of the first input.
  package var input: UnsafePointer<Float> { inputs[0] }
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
  /// `[images, features]` of every input; undefined unless `backwardReadsInputs`.
  package var inputs: [UnsafePointer<Float>]
  /// `[images, features]`; undefined unless `backwardReadsOutput`.
  package var output: UnsafePointer<Float>
  /// `[images, features]`; the op may overwrite it.
  package var outputGradient: UnsafeMutablePointer<Float>
  /// `[images, features]` of every input, to be overwritten; nil where it is not needed.
  package var inputGradients: [UnsafeMutablePointer<Float>?]
  /// All parameters of the model.
  package var parameters: UnsafePointer<Float>
  /// The gradient of all trainable parameters.
  package var gradients: UnsafeMutablePointer<Float>
  /// Whether to add to the gradients of this op's parameters instead of overwriting them.
  package var accumulates: Bool
  /// The bytes saved by the forward run.
  package var saved: UnsafePointer<UInt8>
  /// The workers and their scratch.
  package var context: ExecutionContext

  /// `[images, features]` of the first input.
  package var input: UnsafePointer<Float> { inputs[0] }
  /// `[images, features]` of the first input; nil if it is not needed.
  package var inputGradient: UnsafeMutablePointer<Float>? { inputGradients[0] }
}
