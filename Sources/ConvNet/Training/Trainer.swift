import CKernels
import Im2col

/// The training step: forward and backward by an executor, then the update. The workers synchronize twice per
/// step under the micro-batch schedule.
///
///     batch --executor--> gradient shards --sum and update, per block of parameters--> parameters
///
/// With the micro-batch schedule only the first step of each batch size allocates. The layer-by-layer
/// schedule allocates for a batch size that is not among the most recent ones.
final class Trainer {
  let optimizer: Optimizer
  let options: ComputeOptions
  let executor: any BatchExecutor
  let shards: ShardGradients
  private let parameters: AlignedFloats
  private let seed: UInt64
  private var updates = 0
  private let firstMoment: AlignedFloats?
  private let secondMoment: AlignedFloats?

  private let blocks: [UpdateBlock]
  private let prepared: AlignedFloats
  /// Whether `prepared` was computed from the current parameters.
  private var preparedIsCurrent = false

  init(
    _ plan: NetworkPlan, parameters: AlignedFloats, seed: UInt64, optimizer: Optimizer,
    executor: any BatchExecutor,
    options: ComputeOptions
  ) {
    (self.optimizer, self.options, self.executor) = (optimizer, options, executor)
    (self.parameters, self.seed) = (parameters, seed)
    shards = ShardGradients(parameters: plan.parameterCount)
    firstMoment = optimizer.slots > 0 ? AlignedFloats(plan.parameterCount) : nil
    secondMoment = optimizer.slots > 1 ? AlignedFloats(plan.parameterCount) : nil
    let workspace = executor.workspaceWithTransposes
    blocks = UpdateBlock.cut(parameters: plan.parameterCount, transposes: workspace?.transposes ?? [])
    prepared = AlignedFloats(workspace?.preparedCount ?? 0)
  }

  /// Invalidates data derived from the parameters; call it after changing them outside of `step`.
  func parametersChanged() { preparedIsCurrent = false }

  /// Updates the parameters once; returns the score of the batch before the update.
  func step<Data: TrainingData>(_ batch: Batch<Data>) throws(ShapeError) -> Score {
    let score = try differentiate(batch)
    update(preparing: wantsPrepared(batch.count))
    return score
  }

  /// Computes the gradient of a batch's mean loss in `shards`, with the random numbers of the next update.
  func differentiate<Data: TrainingData>(_ batch: Batch<Data>) throws(ShapeError) -> Score {
    if !preparedIsCurrent, wantsPrepared(batch.count) {
      let (w, p) = (UnsafePointer(parameters.start), prepared.start)
      options.workers.run(blocks.count) { [blocks] block, _ in blocks[block].prepare(from: w, into: p) }
      preparedIsCurrent = true
    }
    return try executor.differentiate(
      batch, parameters: parameters.start, prepared: prepared.start,
      randomKey: RandomKey(seed: seed, update: updates + 1), into: shards)
  }

  private func wantsPrepared(_ images: Int) -> Bool {
    prepared.count > 0 && images >= KernelTranspose.minImages
  }

  private func update(preparing: Bool) {
    updates += 1
    options.workers.run(
      blocks.count,
      UpdateWork(
        optimizer: optimizer, update: updates, blocks: blocks,
        shards: ckernels_shards(
          first: shards.start, stride: Int64(shards.stride), count: Int64(shards.count)),
        parameters: parameters.start, firstMoment: firstMoment?.start, secondMoment: secondMoment?.start,
        prepared: preparing ? prepared.start : nil))
    preparedIsCurrent = preparing
  }

  /// The sum of the shards, as the update adds them.
  var summedGradient: [Float] {
    var sum = [Float](repeating: 0, count: shards.parameters)
    sum.withUnsafeMutableBufferPointer { sum in
      guard let start = sum.baseAddress, shards.count > 0 else { return }
      ckernels_sum_shards(
        Int64(shards.parameters),
        ckernels_shards(first: shards.start, stride: Int64(shards.stride), count: Int64(shards.count)), start)
    }
    return sum
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

/// The update of one block of parameters per unit: sums the shards, applies the optimizer, transposes
/// kernels.
private struct UpdateWork: UnitWork {
  let optimizer: Optimizer
  let update: Int
  let blocks: [UpdateBlock]
  let shards: ckernels_shards
  let parameters: UnsafeMutablePointer<Float>
  let firstMoment: UnsafeMutablePointer<Float>?
  let secondMoment: UnsafeMutablePointer<Float>?
  let prepared: UnsafeMutablePointer<Float>?

  func run(unit: Int, worker: Int) {
    let block = blocks[unit]
    optimizer.apply(
      update: update, range: block.range, shards: shards, parameters: parameters, firstMoment: firstMoment,
      secondMoment: secondMoment)
    if let prepared { block.prepare(from: parameters, into: prepared) }
  }
}

extension Workspace {
  /// The kernels that ops use transposed, in the order of the parameters.
  var transposes: [KernelTranspose] {
    zip(ops, preparedStarts).compactMap { op, start in
      (op as? DenseOp)?.transposedKernel(preparedStart: start)
    }
  }
}
