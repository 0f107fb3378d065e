import CKernels
import Im2col

/// A training step of a model whose ops can be run one at a time, for profiles: on one micro-batch, or on a
/// whole batch under the layer-by-layer schedule.
///
///     forward(0) .. forward(n) -> loss() -> backward(n) .. backward(0) -> update()
///
/// The ops, their fusion, their order and the workers are those of the model's executor. The memory is
/// separate, so the model does not change. Running all ops once in order leaves in `gradients` the gradient
/// of these images.
package final class StepProbe {
  /// One fused op as shown in reports.
  package struct Piece: Sendable {
    /// The fused layers, for example `conv1+pool1`.
    package let name: String
    /// Floating-point operations of one image, forward; each gradient of a product costs the same.
    package let forwardFLOPs: Double
    /// False for the first op.
    package let makesInputGradient: Bool
    package let lowering: Lowering?
    /// The sizes of the matrix products of a micro-batch.
    package let products: StepProducts?
  }

  package let pieces: [Piece]
  package let images: Int
  /// The gradient of all parameters from the last run.
  package var gradients: [Float] { gradientMemory.array }

  private let plan: NetworkPlan
  /// nil under the micro-batch schedule, where the calling thread runs alone.
  private let workers: Workers?
  private let ops: [any Op]
  private let optimizer: Optimizer
  private let seed: UInt64
  private let parameters, gradientMemory, firstMoment, secondMoment: AlignedFloats
  private let activations, outputGradients: [AlignedFloats]
  private let saved: [UnsafeMutablePointer<UInt8>]
  private let prepared: [AlignedFloats]
  private let targets, sharedScratch, workerScratch: AlignedFloats
  private let workerScratchStride: Int
  private var updates = 0

  /// The largest batch under the layer-by-layer schedule.
  private static let maxImages = 1024

  /// - Parameters:
  ///   - images: `[images, height, width, channels]`; up to 16 under the micro-batch schedule.
  ///   - targets: `[images, classes]`.
  /// - Throws: `EngineError.shape` when the shapes do not match the model, there are too many images, or
  ///   memory cannot hold them.
  package init(_ model: Sequential, images: Tensor, targets: Tensor, options: ComputeOptions)
    throws(EngineError)
  {
    let (plan, count) = (model.plan, images.shape.first ?? 0)
    let maxImages =
      model.executionSchedule == .microBatch ? ShardPlan.microBatchImages : StepProbe.maxImages
    guard (1...maxImages).contains(count) else {
      throw .shape(.outOfRange("the images of a probe", value: count, range: 1..<maxImages + 1))
    }
    guard images.count == count * plan.inputCount, targets.count == count * plan.outputCount else {
      throw .shape(.mismatch("the targets", expected: [count, plan.outputCount], actual: targets.shape))
    }
    workers = model.executionSchedule == .microBatch ? nil : options.workers
    let ops = try EngineError.shapes { () throws(ShapeError) in
      try WorkspaceLayout(
        plan, model.executionSchedule == .microBatch ? .upTo(ShardPlan.microBatchImages) : .exactly(count),
        trains: true,
        options: options, workers: model.executionSchedule == .microBatch ? nil : options.workers
      ).ops
    }
    (self.plan, self.ops, self.images) = (plan, ops, count)
    optimizer = model.optimizer ?? .adam()
    seed = model.seed
    parameters = AlignedFloats(copying: model.parameters)
    firstMoment = AlignedFloats(optimizer.slots > 0 ? plan.parameterCount : 0)
    secondMoment = AlignedFloats(optimizer.slots > 1 ? plan.parameterCount : 0)
    gradientMemory = AlignedFloats(plan.parameterCount)
    activations =
      [AlignedFloats(copying: images.scalars)] + ops.map { AlignedFloats(count * $0.outputCount) }
    outputGradients = ([plan.inputCount] + ops.map(\.outputCount)).map { AlignedFloats(count * $0) }
    saved = ops.map { op in
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count * op.savedBytes))
      memory.initialize(repeating: 0, count: max(1, count * op.savedBytes))
      return memory
    }
    prepared = ops.map { AlignedFloats($0.preparedFloats) }
    self.targets = AlignedFloats(copying: targets.scalars)
    sharedScratch = AlignedFloats(ops.map(\.sharedScratchFloats).max() ?? 0)
    workerScratchStride = CacheLine.rounded(ops.map(\.workerScratchFloats).max() ?? 0)
    workerScratch = AlignedFloats((workers?.count ?? 1) * workerScratchStride)
    pieces = ops.indices.map { index in
      let layers = plan.layers(inPiece: index)
      return Piece(
        name: layers.map(\.name).joined(separator: "+"),
        forwardFLOPs: layers.map(\.forwardFLOPs).reduce(0, +), makesInputGradient: index > 0,
        lowering: ops[index].lowering, products: StepProducts(ops[index], images: count))
    }
    prepare()
  }

  deinit { for memory in saved { memory.deallocate() } }

  private var context: ExecutionContext {
    ExecutionContext(
      workers: workers, sharedScratch: sharedScratch.start, workerScratch: workerScratch.start,
      workerScratchStride: workerScratchStride)
  }

  /// Runs one op forward on the output of the op before it.
  package func forward(_ index: Int) {
    ops[index].forward(
      ForwardRun(
        images: images, input: activations[index].start, output: activations[index + 1].start,
        parameters: parameters.start, saved: saved[index],
        randomKey: RandomKey(seed: seed, update: updates + 1), context: context))
  }

  /// Computes the loss of the outputs of the last op, and its gradient.
  @discardableResult
  package func loss() -> Double {
    var correct: Int64 = 0
    return ckernels_softmax_cross_entropy(
      Int64(images), Int64(plan.outputCount), activations[ops.count].start, targets.start,
      1 / Float(images),
      nil, outputGradients[ops.count].start, &correct)
  }

  /// Runs one op backward. It overwrites its output gradient, so that gradient must have been recomputed.
  package func backward(_ index: Int) {
    ops[index].backward(
      BackwardRun(
        images: images, input: activations[index].start, output: activations[index + 1].start,
        outputGradient: outputGradients[index + 1].start,
        inputGradient: index == 0 ? nil : outputGradients[index].start, parameters: parameters.start,
        prepared: ops[index].preparedFloats > 0 ? UnsafePointer(prepared[index].start) : nil,
        gradients: gradientMemory.start, accumulates: false, saved: saved[index], context: context))
  }

  /// Updates all parameters from one shard, then the transposed kernels.
  package func update() {
    updates += 1
    let (optimizer, update, count) = (optimizer, updates, plan.parameterCount)
    let (gradients, parameters) = (gradientMemory, parameters)
    let (firstMoment, secondMoment) = (firstMoment, secondMoment)
    let blocks = UpdateBlock.cut(parameters: count, transposes: [])
    context.forEach(workers == nil ? 1 : blocks.count) { [workers] block, _ in
      optimizer.apply(
        update: update, range: workers == nil ? 0..<count : blocks[block].range,
        shards: ckernels_shards(first: gradients.start, stride: 0, count: 1), parameters: parameters.start,
        firstMoment: firstMoment.start, secondMoment: secondMoment.start)
    }
    prepare()
  }

  private func prepare() {
    for (op, prepared) in zip(ops, prepared) {
      guard let kernel = (op as? DenseOp)?.transposedKernel(preparedStart: 0) else { continue }
      for block in UpdateBlock.cut(parameters: plan.parameterCount, transposes: [kernel]) {
        block.prepare(from: parameters.start, into: prepared.start)
      }
    }
  }
}

/// The sizes of the matrix products of an op.
package struct StepProducts: Sendable {
  /// `[rows, k] * [k, columns]`; a transposed operand is stored with its axes exchanged.
  package struct Product: Sendable, Hashable {
    package let rows, columns, k: Int
    package var leftTransposed = false
    package var rightTransposed = false
  }

  package let forward, kernelGradient, inputGradient: Product

  /// Returns nil for an op without matrix products.
  init?(_ op: any Op, images: Int) {
    switch op {
    case let op as DenseOp: self.init(op, images: images)
    case let op as ConvolutionOp: self.init(op.passes)
    default: return nil
    }
  }

  private init(_ op: DenseOp, images: Int) {
    let (inputs, units) = (op.descriptor.inputs, op.descriptor.units)
    forward = Product(rows: images, columns: units, k: inputs)
    kernelGradient = Product(rows: inputs, columns: units, k: images, leftTransposed: true)
    inputGradient = Product(
      rows: images, columns: inputs, k: units, rightTransposed: !op.keepsTransposedKernel)
  }

  /// A block of images, cut to the number of pixels that OpenBLAS multiplies without packing.
  private init(_ passes: ConvolutionPasses) {
    let geometry = passes.geometry
    let (k, outputs) = (geometry.patchLength, geometry.groupOutputChannels)
    let pixels = max(
      1, min(passes.imagesPerBlock * geometry.pixelsPerImage, TileRule.smallProduct / (k * outputs)))
    forward = Product(rows: pixels, columns: outputs, k: k)
    kernelGradient = Product(rows: k, columns: outputs, k: pixels, leftTransposed: true)
    inputGradient = Product(rows: pixels, columns: k, k: outputs)
  }
}

extension NetworkPlan {
  /// The layers that are fused into an op.
  fileprivate func layers(inPiece index: Int) -> ArraySlice<PlannedLayer> {
    guard let begin = layers.firstIndex(where: { $0.opIndex == index }) else { return [] }
    let end = layers[begin...].firstIndex { ($0.opIndex ?? index) > index } ?? layers.endIndex
    return layers[begin..<end].filter { $0.layer.definition.kindName != "flatten" }[...]
  }
}

extension AlignedFloats {
  fileprivate convenience init(copying scalars: [Float]) {
    self.init(scalars.count)
    start.update(from: scalars, count: scalars.count)
  }
}
