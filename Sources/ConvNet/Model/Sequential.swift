import Im2col

/// A stack of layers with their parameters: made, compiled, fitted, evaluated, asked.
///
///     let model = try Sequential(inputShape: [28, 28, 1], layers: [
///       .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu, initializer: .heNormal),
///       .maxPooling(window: 2, stride: 2),
///       .flatten,
///       .dense(units: 10, activation: .softmax),
///     ])
///     try model.compile(optimizer: .adam(), metrics: [.accuracy])
///     let history = try model.fit(images, labels, batchSize: 32, epochs: 5)
///     let probabilities = try model.predict(images)
///
/// The words are Keras'. A model is one object that changes as it learns, so it belongs to one thread at a
/// time (it is not `Sendable`); the work inside is spread over the workers of its options. Two models may run
/// on two threads at once, also with the same workers.
public final class Sequential {
  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  public let inputShape: [Int]
  /// The layers as declared.
  public let layers: [Layer]
  /// What the initial parameters, the order of images in every epoch and dropout follow from.
  public let seed: UInt64

  /// Workers, scratch and lowering for predicting and evaluating.
  ///
  /// `compile` sets it to its own options; set before, it serves a model that only predicts, and set
  /// afterwards, it changes predicting and evaluating alone.
  public var options = ComputeOptions.default {
    didSet { inferenceExecutor = nil }
  }

  package let plan: NetworkPlan
  let storage: AlignedFloats
  var compiled: Compiled?
  var inferenceExecutor: (any BatchExecutor)?

  /// What `compile` settles.
  struct Compiled {
    let loss: Loss
    let metrics: [Metric]
    let trainer: Trainer
  }

  /// Plans the layers, allocates the parameters and gives them their first values.
  ///
  /// - Parameters:
  ///   - inputShape: of one image: `[height, width, channels]`, or `[features]`.
  ///   - layers: from input to output.
  ///   - seed: the same seed gives the same parameters on every machine.
  /// - Throws: `EngineError.shape` of the first layer that cannot follow the one before it;
  ///   `EngineError.blas` when this process' OpenBLAS must not be used.
  /// - Complexity: O(number of parameters).
  public init(inputShape: [Int], layers: [Layer], seed: UInt64 = 0) throws(EngineError) {
    try BLAS.requireUsable()
    plan = try EngineError.shapes { () throws(ShapeError) in
      try NetworkPlan(inputShape: inputShape, layers: layers)
    }
    (self.inputShape, self.layers, self.seed) = (inputShape, layers, seed)
    storage = AlignedFloats(plan.parameterCount)
    for (index, parameter) in plan.parameters.enumerated() {
      parameter.plan.initializer.fill(
        storage.start + parameter.range.lowerBound, parameter.range.count, fanIn: parameter.plan.fanIn,
        fanOut: parameter.plan.fanOut, seed: seed, parameter: index)
    }
  }

  /// The shape of one output.
  public var outputShape: [Int] { plan.outputShape }

  /// How many numbers the model learns.
  public var parameterCount: Int { plan.parameterCount }

  /// Settles how the model learns. Compiling again forgets the optimizer's state, not the parameters.
  ///
  /// - Parameters:
  ///   - optimizer: how gradients change parameters.
  ///   - loss: what is made small.
  ///   - metrics: what else reports show.
  ///   - options: workers, scratch and lowering, for training and for predicting.
  /// - Throws: `EngineError.shape` when a setting makes no sense or the loss does not fit the last layer.
  public func compile(
    optimizer: Optimizer = .adam(), loss: Loss = .categoricalCrossEntropy, metrics: [Metric] = [.accuracy],
    options: ComputeOptions = .default
  ) throws(EngineError) {
    try optimizer.validate()
    guard plan.outputShape.count == 1 else {
      throw .shape(
        .rank("the output of a model that learns classes", axes: ["classes"], actual: plan.outputShape))
    }
    let executor = try makeRoad(trains: true, options)
    let trainer = Trainer(
      plan, parameters: storage, seed: seed, optimizer: optimizer, executor: executor, options: options)
    compiled = Compiled(loss: loss, metrics: metrics, trainer: trainer)
    self.options = options
    inferenceExecutor = executor
  }

  /// The optimizer that the model was compiled with.
  public var optimizer: Optimizer? { compiled?.trainer.optimizer }

  /// The loss that the model was compiled with.
  public var loss: Loss? { compiled?.loss }

  /// The metrics that the model was compiled with.
  public var metrics: [Metric] { compiled?.metrics ?? [] }

  /// Which way batches go.
  package var executionSchedule: ExecutionSchedule { forcedSchedule ?? ExecutionSchedule(for: plan) }

  /// For tests that compare the schedules; set before compiling.
  package var forcedSchedule: ExecutionSchedule?

  /// For tests: sizes of the batches whose memory the layer-by-layer schedule keeps, the latest at the end.
  package var keptBatchSizes: [Int] {
    (inferenceExecutor as? LayerByLayerExecutor)?.workspaces.map(\.images) ?? []
  }

  private func makeRoad(trains: Bool, _ options: ComputeOptions) throws(EngineError) -> any BatchExecutor {
    switch executionSchedule {
    case .microBatches:
      try EngineError.shapes { () throws(ShapeError) in
        try MicroBatchExecutor(plan, trains: trains, options: options)
      }
    case .layers: LayerByLayerExecutor(plan, trains: trains, options: options, batchSize: 32)
    }
  }

  /// The executor for predictions: that of `compile`, or a smaller one for a model that only predicts.
  var executor: any BatchExecutor {
    get throws(EngineError) {
      if let inferenceExecutor { return inferenceExecutor }
      let made = try makeRoad(trains: false, options)
      inferenceExecutor = made
      return made
    }
  }

  func requireCompiled() throws(EngineError) -> Compiled {
    guard let compiled else {
      throw .shape(
        .unsupported("this model does not know how to learn yet; call compile(optimizer:loss:metrics:)"))
    }
    return compiled
  }
}
