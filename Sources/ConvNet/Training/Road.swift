import Im2col

/// A way to take batches through a plan; see `ChunkRoad` and `LayerRoad`.
///
/// Whatever takes a batch throws `ShapeError.memory` or `.overflow` where memory cannot hold it.
protocol Road: AnyObject {
  /// Which of the two this is, for reports.
  var kind: RoadKind { get }

  /// Rows of images to rows of outputs.
  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>) throws(ShapeError)

  /// Loss and hits of a batch, and an answer an image where there is room for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, answers: UnsafeMutablePointer<Answer>?
  ) throws(ShapeError) -> Score

  /// Loss and hits of a batch, and the gradient of its mean loss, in lanes still to be summed.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    draws: TrainingDraws, into lanes: LaneGradients
  ) throws(ShapeError) -> Score

  /// Checks that memory can hold a batch that is differentiated; allocates nothing.
  func requireRoom(training images: Int) throws(ShapeError)

  /// Checks that memory can hold what predicting or evaluating so many images takes; allocates nothing.
  func requireRoom(predicting images: Int) throws(ShapeError)

  /// A space whose steps prepare numbers from the parameters; nil where none do.
  var preparingSpace: RunSpace? { get }
}

/// The two roads.
package enum RoadKind: String, Sendable, Hashable, CaseIterable {
  /// A few images go through all steps on one worker while they are in its cache.
  case chunks
  /// The whole batch goes through one step at a time, whose work all workers share.
  case layers

  /// Bytes of a chunk's numbers that still count as being in a core's cache.
  private static let chunkBytes = 1024 * 1024
  /// Bytes of parameters: every lane has a gradient as large.
  private static let parameterBytes = 4 * 1024 * 1024

  /// Decides from the shapes alone.
  package init(for plan: NetworkPlan) {
    let outputs = plan.pieces.map(\.outputCount)
    let widest = outputs.max() ?? 0
    let perImage = plan.inputCount + outputs.reduce(0, +) + 2 * widest
    let working = plan.pieces.map(\.workingCount).max() ?? 0
    // Compared as quotients: the products of large shapes could overflow.
    let mostPerImage = RoadKind.chunkBytes / MemoryLayout<Float>.stride / LaneSchedule.chunkImages
    let fits =
      perImage <= mostPerImage && working <= RoadKind.chunkBytes / 4 / MemoryLayout<Float>.stride
      && plan.parameterCount <= RoadKind.parameterBytes / MemoryLayout<Float>.stride
    self = fits ? .chunks : .layers
  }
}

/// The gradients of a batch: one flat array a lane, to be summed in the order of the lanes.
final class LaneGradients {
  let parameters: Int
  /// Scalars from one lane's gradient to the next one's.
  let stride: Int
  /// Lanes in use since the last `use`.
  private(set) var count = 0
  private var memory: AlignedFloats

  init(parameters: Int) {
    self.parameters = parameters
    stride = CacheLine.rounded(parameters)
    memory = AlignedFloats(0)
  }

  /// Makes room for a batch's lanes; allocates only when there are more than ever before.
  func use(_ lanes: Int) {
    if memory.count < lanes * stride { memory = AlignedFloats(lanes * stride) }
    count = lanes
  }

  var start: UnsafeMutablePointer<Float> { memory.start }
}
