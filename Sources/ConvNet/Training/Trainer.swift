import CKernels
import Im2col

/// The training step: a road there and back, then the update, with two meetings of the workers in all.
///
///     batch --road--> gradients in lanes --summed in order, block by block--> optimizer --> parameters
///
/// On the chunk road nothing is allocated after the first step of each batch size; the layer road makes memory
/// anew for a size that is not among those seen last.
final class Trainer {
  let optimizer: Optimizer
  let options: ComputeOptions
  let road: any Road
  let lanes: LaneGradients
  private let parameters: AlignedFloats
  private let seed: UInt64
  private var updates = 0
  private let first: AlignedFloats?
  private let second: AlignedFloats?

  private let blocks: [UpdateBlock]
  private let prepared: AlignedFloats
  /// Whether `prepared` belongs to the parameters as they are now.
  private var preparedIsCurrent = false

  init(
    _ plan: NetworkPlan, parameters: AlignedFloats, seed: UInt64, optimizer: Optimizer, road: any Road,
    options: ComputeOptions
  ) {
    (self.optimizer, self.options, self.road) = (optimizer, options, road)
    (self.parameters, self.seed) = (parameters, seed)
    lanes = LaneGradients(parameters: plan.parameterCount)
    first = optimizer.slots > 0 ? AlignedFloats(plan.parameterCount) : nil
    second = optimizer.slots > 1 ? AlignedFloats(plan.parameterCount) : nil
    let space = road.preparingSpace
    blocks = UpdateBlock.cut(parameters: plan.parameterCount, transposes: space?.transposes ?? [])
    prepared = AlignedFloats(space?.preparedCount ?? 0)
  }

  /// To be told when somebody else has changed the parameters.
  func parametersChanged() { preparedIsCurrent = false }

  /// One step on one batch; the score is that before the update.
  func step<Data: TrainingData>(_ batch: Batch<Data>) throws(ShapeError) -> Score {
    let score = try differentiate(batch)
    update(preparing: wantsPrepared(batch.count))
    return score
  }

  /// The gradient of a batch's mean loss, left in `lanes`; random numbers are those of the next update.
  func differentiate<Data: TrainingData>(_ batch: Batch<Data>) throws(ShapeError) -> Score {
    if !preparedIsCurrent, wantsPrepared(batch.count) {
      let (w, p) = (UnsafePointer(parameters.start), prepared.start)
      options.workers.run(blocks.count) { [blocks] block, _ in blocks[block].prepare(from: w, into: p) }
      preparedIsCurrent = true
    }
    return try road.differentiate(
      batch, parameters: parameters.start, prepared: prepared.start,
      draws: TrainingDraws(seed: seed, update: updates + 1), into: lanes)
  }

  private func wantsPrepared(_ images: Int) -> Bool {
    prepared.count > 0 && images >= KernelTranspose.fewestImages
  }

  private func update(preparing: Bool) {
    updates += 1
    options.workers.run(
      blocks.count,
      UpdateWork(
        optimizer: optimizer, update: updates, blocks: blocks,
        lanes: ckernels_lanes(first: lanes.start, stride: Int64(lanes.stride), count: Int64(lanes.count)),
        parameters: parameters.start, first: first?.start, second: second?.start,
        prepared: preparing ? prepared.start : nil))
    preparedIsCurrent = preparing
  }

  /// The lanes' gradients added up, as the update would.
  var summedGradient: [Float] {
    var sum = [Float](repeating: 0, count: lanes.parameters)
    sum.withUnsafeMutableBufferPointer { sum in
      guard let start = sum.baseAddress, lanes.count > 0 else { return }
      ckernels_sum_parts(
        lanes.start, Int64(lanes.count), Int64(lanes.stride), Int64(lanes.parameters), start, 0)
    }
    return sum
  }

  /// What the optimizer remembers; for checkpoints.
  var state: OptimizerState {
    get { OptimizerState(updates: updates, first: first?.array ?? [], second: second?.array ?? []) }
    set {
      updates = newValue.updates
      first?.start.update(from: newValue.first, count: newValue.first.count)
      second?.start.update(from: newValue.second, count: newValue.second.count)
    }
  }
}

/// Blocks of parameters: gradients summed, updated, and turned where the steps want them so.
private struct UpdateWork: UnitWork {
  let optimizer: Optimizer
  let update: Int
  let blocks: [UpdateBlock]
  let lanes: ckernels_lanes
  let parameters: UnsafeMutablePointer<Float>
  let first: UnsafeMutablePointer<Float>?
  let second: UnsafeMutablePointer<Float>?
  let prepared: UnsafeMutablePointer<Float>?

  func run(unit: Int, worker: Int) {
    let block = blocks[unit]
    optimizer.apply(
      update: update, range: block.range, lanes: lanes, parameters: parameters, first: first, second: second)
    if let prepared { block.prepare(from: parameters, into: prepared) }
  }
}

extension RunSpace {
  /// The kernels that steps want transposed, in the order of the parameters.
  var transposes: [KernelTranspose] {
    zip(steps, preparedStarts).compactMap { step, start in
      (step as? DenseStep)?.transposedKernel(preparedStart: start)
    }
  }
}
