import Im2col

/// Chunks go through the whole net on one worker each, forward, loss and back, while their numbers are in
/// that core's cache; the workers meet once a batch.
final class ChunkRoad: Road {
  let kind = RoadKind.chunks
  private let workers: Workers
  /// One a worker.
  private let spaces: [RunSpace]
  /// Parts of a batch's score: one a lane, or one a chunk.
  private var parts: [Score] = []

  init(_ plan: NetworkPlan, trains: Bool, options: ComputeOptions) throws(ShapeError) {
    workers = options.workers
    let layout = try RunLayout(
      plan, .upTo(LaneSchedule.chunkImages), trains: trains, options: options, workers: nil)
    spaces = (0..<options.workers.count).map { _ in RunSpace(plan, layout, workers: nil) }
  }

  var preparingSpace: RunSpace? { spaces.first }

  /// The chunks' memory is there already, however large the batch.
  func requireRoom(training images: Int) {}
  func requireRoom(predicting images: Int) {}

  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    let schedule = LaneSchedule(images: images)
    workers.run(
      schedule.chunks,
      PredictionWork(spaces: spaces, schedule: schedule, input: input, parameters: parameters, output: output)
    )
  }

  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, answers: UnsafeMutablePointer<Answer>?
  ) -> Score {
    let schedule = LaneSchedule(images: batch.count)
    return summed(schedule.chunks) { parts in
      EvaluationWork(
        spaces: spaces, schedule: schedule, batch: batch, parameters: parameters, answers: answers,
        parts: parts)
    }
  }

  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    draws: TrainingDraws, into lanes: LaneGradients
  ) -> Score {
    let schedule = LaneSchedule(images: batch.count)
    lanes.use(schedule.lanes)
    return summed(schedule.lanes) { parts in
      LaneWork(
        spaces: spaces, schedule: schedule, batch: batch, parameters: parameters, prepared: prepared,
        draws: draws, gradients: lanes.start, stride: lanes.stride, parts: parts)
    }
  }

  /// Runs units on the workers and adds up their scores in the order of the units.
  private func summed<Work: UnitWork>(_ units: Int, _ work: (UnsafeMutablePointer<Score>) -> Work) -> Score {
    if parts.count < units { parts = [Score](repeating: Score(), count: units) }
    return parts.withUnsafeMutableBufferPointer { parts in
      guard let start = parts.baseAddress else { return Score() }
      workers.run(units, work(start))
      return parts[..<units].reduce(into: Score()) { $0 += $1 }
    }
  }
}

/// Chunks forward to outputs.
private struct PredictionWork: UnitWork {
  let spaces: [RunSpace]
  let schedule: LaneSchedule
  let input: UnsafePointer<Float>
  let parameters: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>

  func run(unit chunk: Int, worker: Int) {
    let (space, range) = (spaces[worker], schedule.images(ofChunk: chunk))
    space.predict(
      images: range.count, input: input + range.lowerBound * space.plan.inputCount, parameters: parameters,
      into: output + range.lowerBound * space.plan.outputCount)
  }
}

/// Chunks forward to scores.
private struct EvaluationWork<Data: TrainingData>: UnitWork {
  let spaces: [RunSpace]
  let schedule: LaneSchedule
  let batch: Batch<Data>
  let parameters: UnsafePointer<Float>
  let answers: UnsafeMutablePointer<Answer>?
  /// A score a chunk.
  let parts: UnsafeMutablePointer<Score>

  func run(unit chunk: Int, worker: Int) {
    parts[chunk] = spaces[worker].evaluate(
      batch, schedule.images(ofChunk: chunk), parameters: parameters, answers: answers)
  }
}

/// Lanes of chunks there and back, each into a gradient of its own.
private struct LaneWork<Data: TrainingData>: UnitWork {
  let spaces: [RunSpace]
  let schedule: LaneSchedule
  let batch: Batch<Data>
  let parameters: UnsafePointer<Float>
  let prepared: UnsafePointer<Float>?
  let draws: TrainingDraws
  let gradients: UnsafeMutablePointer<Float>
  let stride: Int
  /// A score a lane.
  let parts: UnsafeMutablePointer<Score>

  func run(unit lane: Int, worker: Int) {
    var score = Score()
    let chunks = schedule.chunks(ofLane: lane)
    for chunk in chunks {
      score += spaces[worker].differentiate(
        batch, schedule.images(ofChunk: chunk), parameters: parameters, prepared: prepared,
        draws: draws, gradients: gradients + lane * stride, accumulates: chunk > chunks.lowerBound)
    }
    parts[lane] = score
  }
}
