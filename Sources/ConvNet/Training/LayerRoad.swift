import Im2col

/// A whole batch goes through one step at a time, and the workers share the work inside of each step: for
/// nets whose images do not fit a core's cache.
final class LayerRoad: Road {
  let kind = RoadKind.layers
  /// Only chunks use transposed kernels; a whole batch's products are large enough to read across.
  var preparingSpace: RunSpace? { nil }
  private let plan: NetworkPlan
  private let trains: Bool
  private let options: ComputeOptions
  /// Spaces for batches of the sizes seen last, the latest at the end: the usual one and the smaller one at
  /// an epoch's end, for training and for validation.
  private(set) var spaces: [RunSpace] = []
  private static let mostSpaces = 4
  /// Images a run when predicting or evaluating.
  private let batchSize: Int

  init(_ plan: NetworkPlan, trains: Bool, options: ComputeOptions, batchSize: Int) {
    (self.plan, self.trains, self.options, self.batchSize) = (plan, trains, options, batchSize)
  }

  /// The space for batches of one size; where it is new, those that were not used for longest make room.
  private func space(forBatch images: Int) throws(ShapeError) -> RunSpace {
    if let found = spaces.lastIndex(where: { $0.images == images }) {
      if found != spaces.endIndex - 1 { spaces.append(spaces.remove(at: found)) }
      return spaces[spaces.endIndex - 1]
    }
    let layout = try layout(forBatch: images)
    let room = PhysicalMemory.bytes - layout.bytes
    while !spaces.isEmpty,
      spaces.count >= LayerRoad.mostSpaces || spaces.reduce(0, { $0 + $1.bytes }) > room
    {
      spaces.removeFirst()
    }
    let space = RunSpace(plan, layout, workers: options.workers)
    spaces.append(space)
    return space
  }

  private func layout(forBatch images: Int) throws(ShapeError) -> RunLayout {
    try RunLayout(plan, .exactly(images), trains: trains, options: options, workers: options.workers)
  }

  func requireRoom(training images: Int) throws(ShapeError) {
    guard !spaces.contains(where: { $0.images == images }) else { return }
    _ = try layout(forBatch: images)
  }

  func requireRoom(predicting images: Int) throws(ShapeError) {
    try requireRoom(training: min(images, batchSize))
  }

  /// Calls `body` with ranges that cover `0..<images`.
  private func forEachRun(
    of images: Int, _ body: (Range<Int>) throws(ShapeError) -> Void
  ) throws(ShapeError) {
    for start in stride(from: 0, to: images, by: batchSize) {
      try body(start..<start + min(batchSize, images - start))
    }
  }

  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) throws(ShapeError) {
    try forEachRun(of: images) { (range) throws(ShapeError) in
      try space(forBatch: range.count).predict(
        images: range.count, input: input + range.lowerBound * plan.inputCount, parameters: parameters,
        into: output + range.lowerBound * plan.outputCount)
    }
  }

  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, answers: UnsafeMutablePointer<Answer>?
  ) throws(ShapeError) -> Score {
    var score = Score()
    try forEachRun(of: batch.count) { (range) throws(ShapeError) in
      score += try space(forBatch: range.count).evaluate(
        batch, range, parameters: parameters, answers: answers)
    }
    return score
  }

  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    draws: TrainingDraws, into lanes: LaneGradients
  ) throws(ShapeError) -> Score {
    let space = try space(forBatch: batch.count)
    lanes.use(1)
    return space.differentiate(
      batch, 0..<batch.count, parameters: parameters, prepared: nil, draws: draws, gradients: lanes.start,
      accumulates: false)
  }
}
