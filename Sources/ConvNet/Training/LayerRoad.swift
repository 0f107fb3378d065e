import Im2col

/// A whole batch goes through one step at a time, and the workers share the work inside of each step: for
/// nets whose images do not fit a core's cache.
final class LayerRoad: Road {
  let kind = RoadKind.layers
  private let plan: NetworkPlan
  private let trains: Bool
  private let options: ComputeOptions
  /// Spaces for batches of the sizes seen last: the usual one and the smaller one at an epoch's end, for
  /// training and for validation.
  private var spaces: [RunSpace] = []
  private static let mostSpaces = 4
  /// Images a run when predicting or evaluating.
  private let batchSize: Int

  init(_ plan: NetworkPlan, trains: Bool, options: ComputeOptions, batchSize: Int) {
    (self.plan, self.trains, self.options, self.batchSize) = (plan, trains, options, batchSize)
  }

  func steps(forBatch images: Int) -> RunSpace { space(forBatch: images) }

  private func space(forBatch images: Int) -> RunSpace {
    if let found = spaces.first(where: { $0.images == images }) { return found }
    if spaces.count == LayerRoad.mostSpaces { spaces.removeFirst() }
    let space = RunSpace(plan, .exactly(images), trains: trains, options: options, workers: options.workers)
    spaces.append(space)
    return space
  }

  /// Calls `body` with ranges that cover `0..<images`.
  private func forEachRun(of images: Int, _ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: images, by: batchSize) { body(start..<min(start + batchSize, images)) }
  }

  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    forEachRun(of: images) { range in
      space(forBatch: range.count).predict(
        images: range.count, input: input + range.lowerBound * plan.inputCount, parameters: parameters,
        into: output + range.lowerBound * plan.outputCount)
    }
  }

  func evaluate<Data: TrainingData>(_ batch: Batch<Data>, parameters: UnsafePointer<Float>) -> Score {
    var score = Score()
    forEachRun(of: batch.count) { range in
      score += space(forBatch: range.count).evaluate(batch, range, parameters: parameters)
    }
    return score
  }

  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    into lanes: LaneGradients
  ) -> Score {
    lanes.use(1)
    return space(forBatch: batch.count).differentiate(
      batch, 0..<batch.count, parameters: parameters, prepared: nil, gradients: lanes.start,
      accumulates: false)
  }
}
