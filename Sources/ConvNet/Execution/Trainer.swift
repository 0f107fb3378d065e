import CKernels
import Im2col

/// The training step: forward and backward by an executor, then the update. The workers synchronize twice per
/// step under the micro-batch schedule.
///
///     batch --executor--> gradient shards --sum and update, per block of parameters--> parameters
///
/// With the micro-batch schedule only the first step of each batch size allocates. The layer-by-layer
/// schedule allocates for a batch size that is not among the most recent ones.
///
/// Unchecked `Sendable`: only one step at a time may run.
final class Trainer: @unchecked Sendable {
  let optimizer: Optimizer
  let executor: GraphExecutor
  private let shards: ShardGradients
  private let parameters: AlignedFloats
  private let seed: UInt64
  private var updates = 0
  private let firstMoment: AlignedFloats?
  private let secondMoment: AlignedFloats?
  private let blocks: [Range<Int>]

  init(_ executor: GraphExecutor, parameters: AlignedFloats, seed: UInt64, optimizer: Optimizer) {
    (self.optimizer, self.executor) = (optimizer, executor)
    (self.parameters, self.seed) = (parameters, seed)
    let count = executor.graph.plan.trainableCount
    shards = ShardGradients(parameters: count)
    firstMoment = optimizer.slots > 0 ? AlignedFloats(count) : nil
    secondMoment = optimizer.slots > 1 ? AlignedFloats(count) : nil
    let plan = executor.graph.plan
    let frozen = plan.parameters.filter {
      executor.graph.purpose.frozenNodes.contains($0.node) && $0.plan.role == .trainable
    }
    blocks = UpdateBlocks.cut(count, frozen: frozen.map(\.range))
  }

  /// Updates the parameters once; returns the score of the batch before the update.
  func step<Data: TrainingData>(_ batch: Batch<Data>) throws(EngineError) -> Score {
    let score = try differentiate(batch)
    updates += 1
    executor.observer.observing(.update, 0..<batch.count) {
      let (shards, parameters) = (shards.kernelShards, parameters.start)
      executor.options.workers.run(blocks.count) { block, _ in
        optimizer.apply(
          update: updates, range: blocks[block], shards: shards, parameters: parameters,
          firstMoment: firstMoment?.start, secondMoment: secondMoment?.start)
      }
    }
    executor.parametersChanged()
    return score
  }

  /// Computes the gradient of a batch's mean loss in `shards`, with the random numbers of the next update.
  private func differentiate<Data: TrainingData>(_ batch: Batch<Data>) throws(EngineError) -> Score {
    try executor.differentiate(
      batch, parameters, randomKey: RandomKey(seed: seed, update: updates + 1), into: shards)
  }

  /// Returns the score of a batch, and the gradient of its mean loss. The state of the layers is unchanged.
  func gradient<Data: TrainingData>(
    _ batch: Batch<Data>
  ) throws(EngineError) -> (score: Score, gradients: [Float]) {
    let trainable = executor.graph.plan.trainableCount
    let state = UnsafeMutableBufferPointer(
      start: parameters.start + trainable, count: parameters.count - trainable)
    let saved = Array(state)
    let score = try differentiate(batch)
    _ = state.update(fromContentsOf: saved)
    return (score, shards.sum)
  }

  /// The optimizer state, for checkpoints.
  var state: OptimizerState {
    get {
      OptimizerState(
        updates: updates, firstMoment: firstMoment?.array ?? [], secondMoment: secondMoment?.array ?? [])
    }
    set {
      updates = newValue.updates
      firstMoment?.start.update(from: newValue.firstMoment, count: newValue.firstMoment.count)
      secondMoment?.start.update(from: newValue.secondMoment, count: newValue.secondMoment.count)
    }
  }
}
