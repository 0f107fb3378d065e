import Im2col

/// A way to take batches through a plan; see `MicroBatchExecutor` and `LayerByLayerExecutor`.
///
/// Whatever takes a batch throws `ShapeError.memory` or `.overflow` where memory cannot hold it.
protocol BatchExecutor: AnyObject {
  /// Rows of images to rows of outputs.
  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>) throws(ShapeError)

  /// Loss and correct of a batch, and an prediction an image where there is room for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>,
    predictions: UnsafeMutablePointer<ImagePrediction>?
  ) throws(ShapeError) -> Score

  /// Loss and correct of a batch, and the gradient of its mean loss, in shards still to be summed.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    randomKey: RandomKey, into shards: ShardGradients
  ) throws(ShapeError) -> Score

  /// Checks that memory can hold a batch that is differentiated; allocates nothing.
  func requireRoom(training images: Int) throws(ShapeError)

  /// Checks that memory can hold what predicting or evaluating so many images takes; allocates nothing.
  func requireRoom(predicting images: Int) throws(ShapeError)

  /// A workspace whose ops prepare numbers from the parameters; nil where none do.
  var preparingWorkspace: Workspace? { get }
}

/// The two schedules.
package enum ExecutionSchedule: String, Sendable, Hashable, CaseIterable {
  /// A few images go through all ops on one worker while they are in its cache.
  case microBatches
  /// The whole batch goes through one op at a time, whose work all workers share.
  case layers

  /// Bytes of a micro-batch's numbers that still count as being in a core's cache.
  private static let microBatchBytes = 1024 * 1024
  /// Bytes of parameters: every shard has a gradient as large.
  private static let parameterBytes = 4 * 1024 * 1024

  /// Decides from the shapes alone.
  package init(for plan: NetworkPlan) {
    let outputs = plan.ops.map(\.outputCount)
    let widest = outputs.max() ?? 0
    let perImage = plan.inputCount + outputs.reduce(0, +) + 2 * widest
    let working = plan.ops.map(\.workingCount).max() ?? 0
    // Compared as quotients: the products of large shapes could overflow.
    let maxPerImage =
      ExecutionSchedule.microBatchBytes / MemoryLayout<Float>.stride / ShardPlan.microBatchImages
    let fits =
      perImage <= maxPerImage && working <= ExecutionSchedule.microBatchBytes / 4 / MemoryLayout<Float>.stride
      && plan.parameterCount <= ExecutionSchedule.parameterBytes / MemoryLayout<Float>.stride
    self = fits ? .microBatches : .layers
  }
}

/// The gradients of a batch: one flat array a shard, to be summed in the order of the shards.
final class ShardGradients {
  let parameters: Int
  /// Scalars from one shard's gradient to the next one's.
  let stride: Int
  /// Shards in use since the last `use`.
  private(set) var count = 0
  private var memory: AlignedFloats

  init(parameters: Int) {
    self.parameters = parameters
    stride = CacheLine.rounded(parameters)
    memory = AlignedFloats(0)
  }

  /// Makes room for a batch's shards; allocates only when there are more than ever before.
  func use(_ shards: Int) {
    if memory.count < shards * stride { memory = AlignedFloats(shards * stride) }
    count = shards
  }

  var start: UnsafeMutablePointer<Float> { memory.start }
}
