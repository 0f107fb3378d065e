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

  init(_ plan: NetworkPlan, trains: Bool, options: ComputeOptions) {
    workers = options.workers
    spaces = (0..<workers.count).map { _ in
      RunSpace(plan, .upTo(LaneSchedule.chunkImages), trains: trains, options: options, workers: nil)
    }
  }

  func steps(forBatch images: Int) -> RunSpace { spaces[0] }

  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    let schedule = LaneSchedule(images: images)
    workers.run(schedule.chunks) { [spaces] chunk, worker in
      let (space, range) = (spaces[worker], schedule.images(ofChunk: chunk))
      space.predict(
        images: range.count, input: input + range.lowerBound * space.plan.inputCount, parameters: parameters,
        into: output + range.lowerBound * space.plan.outputCount)
    }
  }

  func evaluate<Data: TrainingData>(_ batch: Batch<Data>, parameters: UnsafePointer<Float>) -> Score {
    let schedule = LaneSchedule(images: batch.count)
    return summed(schedule.chunks) { chunk, worker in
      spaces[worker].evaluate(batch, schedule.images(ofChunk: chunk), parameters: parameters)
    }
  }

  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    into lanes: LaneGradients
  ) -> Score {
    let schedule = LaneSchedule(images: batch.count)
    lanes.use(schedule.lanes)
    let (gradients, stride) = (lanes.start, lanes.stride)
    return summed(schedule.lanes) { lane, worker in
      var score = Score()
      let chunks = schedule.chunks(ofLane: lane)
      for chunk in chunks {
        score += spaces[worker].differentiate(
          batch, schedule.images(ofChunk: chunk), parameters: parameters, prepared: prepared,
          gradients: gradients + lane * stride, accumulates: chunk > chunks.lowerBound)
      }
      return score
    }
  }

  /// Runs units on the workers and adds up their scores in the order of the units.
  private func summed(_ units: Int, _ body: (_ unit: Int, _ worker: Int) -> Score) -> Score {
    if parts.count < units { parts = [Score](repeating: Score(), count: units) }
    return parts.withUnsafeMutableBufferPointer { parts in
      // Every unit writes a place of its own.
      nonisolated(unsafe) let parts = parts
      workers.run(units) { unit, worker in parts[unit] = body(unit, worker) }
      return parts[..<units].reduce(into: Score()) { $0 += $1 }
    }
  }
}
