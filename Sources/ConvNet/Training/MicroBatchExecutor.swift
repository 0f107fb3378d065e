import Im2col

/// Runs each micro-batch through the whole network on one worker, forward and backward, while its activations
/// are in that core's cache. The workers synchronize once per batch; the update of `Trainer` is the
/// second synchronization of a training step.
final class MicroBatchExecutor: BatchExecutor {
  private let workers: Workers
  /// One workspace per worker.
  private let workspaces: [Workspace]
  /// Partial scores of a batch: one per shard or per micro-batch.
  private var parts: [Score] = []

  init(_ plan: NetworkPlan, trains: Bool, options: ComputeOptions) throws(ShapeError) {
    workers = options.workers
    let layout = try WorkspaceLayout(
      plan, .upTo(ShardPlan.microBatchImages), trains: trains, options: options, workers: nil)
    workspaces = (0..<options.workers.count).map { _ in Workspace(plan, layout, workers: nil) }
  }

  var workspaceWithTransposes: Workspace? { workspaces.first }

  /// The workspaces hold one micro-batch each, regardless of the size of the batch.
  func requireMemory(training images: Int) {}
  func requireMemory(predicting images: Int) {}

  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    let shardPlan = ShardPlan(images: images)
    workers.run(
      shardPlan.microBatches,
      PredictionWork(
        workspaces: workspaces, shardPlan: shardPlan, input: input, parameters: parameters, output: output)
    )
  }

  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>,
    predictions: UnsafeMutablePointer<ImagePrediction>?
  ) -> Score {
    let shardPlan = ShardPlan(images: batch.count)
    return summed(shardPlan.microBatches) { parts in
      EvaluationWork(
        workspaces: workspaces, shardPlan: shardPlan, batch: batch, parameters: parameters,
        predictions: predictions,
        parts: parts)
    }
  }

  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    randomKey: RandomKey, into shards: ShardGradients
  ) -> Score {
    let shardPlan = ShardPlan(images: batch.count)
    shards.use(shardPlan.shards)
    return summed(shardPlan.shards) { parts in
      ShardWork(
        workspaces: workspaces, shardPlan: shardPlan, batch: batch, parameters: parameters,
        prepared: prepared,
        randomKey: randomKey, gradients: shards.start, stride: shards.stride, parts: parts)
    }
  }

  /// Runs units on the workers and sums their scores in the order of the units.
  private func summed<Work: UnitWork>(_ units: Int, _ work: (UnsafeMutablePointer<Score>) -> Work) -> Score {
    if parts.count < units { parts = [Score](repeating: Score(), count: units) }
    return parts.withUnsafeMutableBufferPointer { parts in
      guard let start = parts.baseAddress else { return Score() }
      workers.run(units, work(start))
      return parts[..<units].reduce(into: Score()) { $0 += $1 }
    }
  }
}

/// Prediction, one micro-batch per unit.
private struct PredictionWork: UnitWork {
  let workspaces: [Workspace]
  let shardPlan: ShardPlan
  let input: UnsafePointer<Float>
  let parameters: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>

  func run(unit microBatch: Int, worker: Int) {
    let (workspace, range) = (workspaces[worker], shardPlan.images(ofMicroBatch: microBatch))
    workspace.predict(
      images: range.count, input: input + range.lowerBound * workspace.plan.inputCount,
      parameters: parameters,
      into: output + range.lowerBound * workspace.plan.outputCount)
  }
}

/// Evaluation, one micro-batch per unit.
private struct EvaluationWork<Data: TrainingData>: UnitWork {
  let workspaces: [Workspace]
  let shardPlan: ShardPlan
  let batch: Batch<Data>
  let parameters: UnsafePointer<Float>
  let predictions: UnsafeMutablePointer<ImagePrediction>?
  /// One score per micro-batch.
  let parts: UnsafeMutablePointer<Score>

  func run(unit microBatch: Int, worker: Int) {
    parts[microBatch] = workspaces[worker].evaluate(
      batch, shardPlan.images(ofMicroBatch: microBatch), parameters: parameters, predictions: predictions)
  }
}

/// Forward and backward, one shard of micro-batches per unit, each with its own gradient.
private struct ShardWork<Data: TrainingData>: UnitWork {
  let workspaces: [Workspace]
  let shardPlan: ShardPlan
  let batch: Batch<Data>
  let parameters: UnsafePointer<Float>
  let prepared: UnsafePointer<Float>?
  let randomKey: RandomKey
  let gradients: UnsafeMutablePointer<Float>
  let stride: Int
  /// One score per shard.
  let parts: UnsafeMutablePointer<Score>

  func run(unit shard: Int, worker: Int) {
    var score = Score()
    let microBatches = shardPlan.microBatches(ofShard: shard)
    for microBatch in microBatches {
      score += workspaces[worker].differentiate(
        batch, shardPlan.images(ofMicroBatch: microBatch), parameters: parameters, prepared: prepared,
        randomKey: randomKey, gradients: gradients + shard * stride,
        accumulates: microBatch > microBatches.lowerBound)
    }
    parts[shard] = score
  }
}
