import Im2col

/// Runs batches through a plan; see `MicroBatchExecutor` and `LayerByLayerExecutor`.
///
/// Methods that take a batch throw `ShapeError.memory` or `.overflow` when memory cannot hold it.
protocol BatchExecutor: AnyObject {
  /// Computes the outputs of a batch: `[images, inputCount]` to `[images, outputCount]`.
  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>) throws(ShapeError)

  /// Returns the score of a batch; writes one prediction per image if there is a buffer for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>,
    predictions: UnsafeMutablePointer<ImagePrediction>?
  ) throws(ShapeError) -> Score

  /// Returns the score of a batch; writes the gradient of its mean loss as shards to be summed.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    randomKey: RandomKey, into shards: ShardGradients
  ) throws(ShapeError) -> Score

  /// Checks that memory can hold the training step of a batch; allocates nothing.
  func requireMemory(training images: Int) throws(ShapeError)

  /// Checks that memory can hold the prediction or evaluation of a batch; allocates nothing.
  func requireMemory(predicting images: Int) throws(ShapeError)

  /// A workspace whose ops use transposed kernels; nil if no op does.
  var workspaceWithTransposes: Workspace? { get }
}

/// How an executor distributes a batch over the workers.
package enum ExecutionSchedule: String, Sendable, Hashable, CaseIterable {
  /// Each worker runs a few images through all ops while their activations are in its cache.
  case microBatch
  /// All workers share the work inside each op, which runs on the whole batch.
  case layerByLayer

  /// The largest activations of a micro-batch, in bytes, that are assumed to fit a core's cache.
  private static let maxMicroBatchBytes = 1024 * 1024
  /// The largest parameters, in bytes: every shard has a gradient of this size.
  private static let maxParameterBytes = 4 * 1024 * 1024

  /// The schedule for a plan, determined by its shapes.
  package init(for plan: NetworkPlan) {
    let outputs = plan.opDescriptors.map(\.outputCount)
    let widest = outputs.max() ?? 0
    let perImage = plan.inputCount + outputs.reduce(0, +) + 2 * widest
    let working = plan.opDescriptors.map(\.workingCount).max() ?? 0
    // Quotients, because products of large shapes could overflow.
    let maxPerImage =
      ExecutionSchedule.maxMicroBatchBytes / MemoryLayout<Float>.stride / ShardPlan.microBatchImages
    let fits =
      perImage <= maxPerImage
      && working <= ExecutionSchedule.maxMicroBatchBytes / 4 / MemoryLayout<Float>.stride
      && plan.parameterCount <= ExecutionSchedule.maxParameterBytes / MemoryLayout<Float>.stride
    self = fits ? .microBatch : .layerByLayer
  }
}

/// The gradients of a batch: one flat array per shard, to be summed along a fixed binary tree.
final class ShardGradients {
  /// The number of scalars in the gradient of one shard.
  let parameters: Int
  /// The distance in scalars between the gradients of two shards.
  let stride: Int
  /// The number of shards of the current batch.
  private(set) var count = 0
  private var memory: AlignedFloats

  init(parameters: Int) {
    self.parameters = parameters
    stride = CacheLine.rounded(parameters)
    memory = AlignedFloats(0)
  }

  /// Sets the number of shards; allocates only if it exceeds all earlier ones.
  func use(_ shards: Int) {
    if memory.count < shards * stride { memory = AlignedFloats(shards * stride) }
    count = shards
  }

  var start: UnsafeMutablePointer<Float> { memory.start }
}
