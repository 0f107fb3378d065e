import CKernels
import Im2col

/// One chunk's way through a model's training step, or a whole batch's on the layer road, each piece of which can
/// be run by itself: what a profile is made of.
///
///     forward(0) .. forward(n) -> loss() -> backward(n) .. backward(0) -> update()
///
/// The steps, their fusing, their order and who does the work are those of the model's road; the memory is the probe's own, so the
/// model learns nothing. Running the pieces once in order leaves in `gradients` what a batch of just these images has.
package final class StepProbe {
  /// One fused step as a report shows it.
  package struct Piece: Sendable {
    /// The layers in it: `conv1+pool1`.
    package let name: String
    /// An image's, forward; a product's gradients cost as much each.
    package let forwardFLOPs: Double
    /// The first step makes no input gradient.
    package let makesInputGradient: Bool
    package let lowering: LoweringName?
    /// The matrix products of a chunk, as sizes.
    package let products: StepProducts?
  }

  package let pieces: [Piece]
  package let images: Int
  /// Of all parameters, in their order; the last run's.
  package var gradients: [Float] { gradientMemory.array }

  private let plan: NetworkPlan
  /// nil on the chunk road: the calling thread does a chunk alone.
  private let workers: Workers?
  private let steps: [any Step]
  private let optimizer: Optimizer
  private let seed: UInt64
  private let parameters, gradientMemory, first, second: AlignedFloats
  private let activations, outputGradients: [AlignedFloats]
  private let kept: [UnsafeMutablePointer<UInt8>]
  private let prepared: [AlignedFloats]
  private let targets, shared, own: AlignedFloats
  private let ownStride: Int
  private var updates = 0

  /// - Parameters:
  ///   - images: `[images, height, width, channels]`; up to 16 on the chunk road.
  ///   - targets: `[images, classes]`.
  /// - Throws: `EngineError.shape` when they are not for the model, are not a chunk where they should be, or memory
  ///   cannot hold them.
  package init(_ model: Sequential, images: Tensor, targets: Tensor, options: ComputeOptions)
    throws(EngineError)
  {
    let (plan, count) = (model.plan, images.shape.first ?? 0)
    let most = model.roadKind == .chunks ? LaneSchedule.chunkImages : LaneSchedule.mostProbedImages
    guard (1...most).contains(count) else {
      throw .shape(.outOfRange("the images of a probe", value: count, range: 1..<most + 1))
    }
    guard images.count == count * plan.inputCount, targets.count == count * plan.outputCount else {
      throw .shape(.mismatch("the targets", expected: [count, plan.outputCount], actual: targets.shape))
    }
    workers = model.roadKind == .chunks ? nil : options.workers
    let steps = try EngineError.shapes { () throws(ShapeError) in
      try RunLayout(
        plan, model.roadKind == .chunks ? .upTo(LaneSchedule.chunkImages) : .exactly(count), trains: true,
        options: options, workers: model.roadKind == .chunks ? nil : options.workers
      ).steps
    }
    (self.plan, self.steps, self.images) = (plan, steps, count)
    optimizer = model.optimizer ?? .adam()
    seed = model.seed
    parameters = AlignedFloats(copying: model.parameters)
    first = AlignedFloats(optimizer.slots > 0 ? plan.parameterCount : 0)
    second = AlignedFloats(optimizer.slots > 1 ? plan.parameterCount : 0)
    gradientMemory = AlignedFloats(plan.parameterCount)
    activations =
      [AlignedFloats(copying: images.scalars)] + steps.map { AlignedFloats(count * $0.outputCount) }
    outputGradients = ([plan.inputCount] + steps.map(\.outputCount)).map { AlignedFloats(count * $0) }
    kept = steps.map { step in
      let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count * step.keptBytes))
      memory.initialize(repeating: 0, count: max(1, count * step.keptBytes))
      return memory
    }
    prepared = steps.map { AlignedFloats($0.preparedFloats) }
    self.targets = AlignedFloats(copying: targets.scalars)
    shared = AlignedFloats(steps.map(\.sharedFloats).max() ?? 0)
    ownStride = CacheLine.rounded(steps.map(\.workerFloats).max() ?? 0)
    own = AlignedFloats((workers?.count ?? 1) * ownStride)
    pieces = steps.indices.map { index in
      let layers = plan.layers(inPiece: index)
      return Piece(
        name: layers.map(\.name).joined(separator: "+"),
        forwardFLOPs: layers.map(\.forwardFLOPs).reduce(0, +), makesInputGradient: index > 0,
        lowering: steps[index].lowering, products: StepProducts(steps[index], images: count))
    }
    prepare()
  }

  deinit { for memory in kept { memory.deallocate() } }

  private var hands: Hands {
    Hands(workers: workers, shared: shared.start, own: own.start, stride: ownStride)
  }

  /// One step forward, from what the step before it left.
  package func forward(_ index: Int) {
    steps[index].forward(
      ForwardRun(
        images: images, input: activations[index].start, output: activations[index + 1].start,
        parameters: parameters.start, kept: kept[index],
        draws: TrainingDraws(seed: seed, update: updates + 1), hands: hands))
  }

  /// The loss of the last step's outputs, and its gradient.
  @discardableResult
  package func loss() -> Double {
    var hits: Int64 = 0
    return ckernels_softmax_cross_entropy(
      Int64(images), Int64(plan.outputCount), activations[steps.count].start, targets.start,
      1 / Float(images),
      nil, outputGradients[steps.count].start, &hits)
  }

  /// One step backward; its output's gradient has to be fresh, because steps overwrite it.
  package func backward(_ index: Int) {
    steps[index].backward(
      BackwardRun(
        images: images, input: activations[index].start, output: activations[index + 1].start,
        outputGradient: outputGradients[index + 1].start,
        inputGradient: index == 0 ? nil : outputGradients[index].start, parameters: parameters.start,
        prepared: steps[index].preparedFloats > 0 ? UnsafePointer(prepared[index].start) : nil,
        gradients: gradientMemory.start, accumulates: false, kept: kept[index], hands: hands))
  }

  /// The optimizer's step over all parameters from one lane, and what the steps prepare behind it.
  package func update() {
    updates += 1
    let (optimizer, update, count) = (optimizer, updates, plan.parameterCount)
    let (gradients, parameters, first, second) = (gradientMemory, parameters, first, second)
    let blocks = UpdateBlock.cut(parameters: count, transposes: [])
    hands.forEach(workers == nil ? 1 : blocks.count) { [workers] block, _ in
      optimizer.apply(
        update: update, range: workers == nil ? 0..<count : blocks[block].range,
        lanes: ckernels_lanes(first: gradients.start, stride: 0, count: 1), parameters: parameters.start,
        first: first.start, second: second.start)
    }
    prepare()
  }

  private func prepare() {
    for (step, prepared) in zip(steps, prepared) {
      guard let kernel = (step as? DenseStep)?.transposedKernel(preparedStart: 0) else { continue }
      for block in UpdateBlock.cut(parameters: plan.parameterCount, transposes: [kernel]) {
        block.prepare(from: parameters.start, into: prepared.start)
      }
    }
  }
}

/// The sizes of a step's matrix products.
package struct StepProducts: Sendable {
  /// `[rows, terms] * [terms, columns]`; what is transposed is stored the other way around.
  package struct Product: Sendable, Hashable {
    package let rows, columns, terms: Int
    package var leftTransposed = false
    package var rightTransposed = false
  }

  package let forward, kernelGradient, inputGradient: Product

  /// nil where a step has none.
  init?(_ step: any Step, images: Int) {
    switch step {
    case let step as DenseStep: self.init(step, images: images)
    case let step as ConvolutionStep: self.init(step.passes)
    case let step as PooledConvolutionStep: self.init(step.passes)
    default: return nil
    }
  }

  private init(_ step: DenseStep, images: Int) {
    let (inputs, units) = (step.shape.inputs, step.shape.units)
    forward = Product(rows: images, columns: units, terms: inputs)
    kernelGradient = Product(rows: inputs, columns: units, terms: images, leftTransposed: true)
    inputGradient = Product(
      rows: images, columns: inputs, terms: units, rightTransposed: !step.keepsTransposedKernel)
  }

  /// A group of images, cut to as many pixels as OpenBLAS multiplies without packing.
  private init(_ passes: ConvolutionPasses) {
    let geometry = passes.geometry
    let (terms, outputs) = (geometry.columnLength, geometry.groupOutputChannels)
    let pixels = max(
      1, min(passes.group * geometry.pixelsPerImage, TileRule.smallProduct / (terms * outputs)))
    switch passes.layout {
    case .channelsByPixels:
      forward = Product(rows: outputs, columns: pixels, terms: terms, leftTransposed: true)
      kernelGradient = Product(rows: terms, columns: outputs, terms: pixels, rightTransposed: true)
      inputGradient = Product(rows: pixels, columns: terms, terms: outputs, leftTransposed: true)
    case .pixelsByChannels:
      forward = Product(rows: pixels, columns: outputs, terms: terms)
      kernelGradient = Product(rows: terms, columns: outputs, terms: pixels, leftTransposed: true)
      inputGradient = Product(rows: pixels, columns: terms, terms: outputs)
    }
  }
}

extension NetworkPlan {
  /// The layers whose work is in a piece: the one that it begins in and those fused behind it.
  fileprivate func layers(inPiece index: Int) -> ArraySlice<PlannedLayer> {
    guard let begin = layers.firstIndex(where: { $0.piece == index }) else { return [] }
    let end = layers[begin...].firstIndex { ($0.piece ?? index) > index } ?? layers.endIndex
    return layers[begin..<end].filter { $0.layer.definition.kindName != "flatten" }[...]
  }
}

extension AlignedFloats {
  fileprivate convenience init(copying scalars: [Float]) {
    self.init(scalars.count)
    start.update(from: scalars, count: scalars.count)
  }
}
