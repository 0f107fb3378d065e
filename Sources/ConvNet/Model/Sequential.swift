import Im2col

/// A model that applies a list of layers in order.
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
/// Names follow Keras. A model changes while it trains and is not `Sendable`: use it from one thread at a
/// time. The computation runs on the workers of `options`. Different models may run concurrently, even
/// if they share workers.
public final class Sequential {
  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  public let inputShape: [Int]
  /// The layers from input to output.
  public let layers: [Layer]
  /// The seed of the initialization, of the order of images in each epoch, and of dropout.
  public let seed: UInt64

  /// Workers, scratch and lowering for prediction and evaluation.
  ///
  /// `compile` replaces it with its `options` argument. A later change affects prediction and evaluation, but
  /// not training.
  public var options = ComputeOptions.default {
    didSet { inferenceExecutor = nil }
  }

  package let plan: NetworkPlan
  let storage: AlignedFloats
  var compiled: Compiled?
  var inferenceExecutor: (any BatchExecutor)?

  /// The result of `compile`.
  struct Compiled {
    let loss: Loss
    let metrics: [Metric]
    let trainer: Trainer
  }

  /// Creates a model and initializes its parameters.
  ///
  /// - Parameters:
  ///   - inputShape: the shape of one image: `[height, width, channels]`, or `[features]`.
  ///   - layers: the layers from input to output.
  ///   - seed: the random seed; the same seed gives the same parameters on every machine.
  /// - Throws: `EngineError.shape` when a layer does not accept the output shape of the layer before it;
  ///   `EngineError.blas` when the OpenBLAS of this process is not usable.
  /// - Complexity: O(number of parameters).
  public init(inputShape: [Int], layers: [Layer], seed: UInt64 = 0) throws(EngineError) {
    try BLAS.requireUsable()
    plan = try EngineError.shapes { () throws(ShapeError) in
      try NetworkPlan(inputShape: inputShape, layers: layers)
    }
    (self.inputShape, self.layers, self.seed) = (inputShape, layers, seed)
    executionSchedule = ExecutionSchedule(for: plan)
    storage = AlignedFloats(plan.parameterCount)
    for (index, parameter) in plan.parameters.enumerated() {
      parameter.plan.initializer.fill(
        storage.start + parameter.range.lowerBound, parameter.range.count, fanIn: parameter.plan.fanIn,
        fanOut: parameter.plan.fanOut, seed: seed, parameterIndex: index)
    }
  }

  /// The shape of one output.
  public var outputShape: [Int] { plan.outputShape }

  /// The number of trainable scalars.
  public var parameterCount: Int { plan.parameterCount }

  /// Configures the model for training. Compiling again resets the optimizer state and keeps the parameters.
  ///
  /// - Parameters:
  ///   - optimizer: the optimizer and its settings.
  ///   - loss: the loss function to minimize.
  ///   - metrics: the metrics to report besides the loss.
  ///   - options: workers, scratch and lowering for training and prediction.
  /// - Throws: `EngineError.shape` when a setting is out of range, or the loss does not match the output.
  public func compile(
    optimizer: Optimizer = .adam(), loss: Loss = .categoricalCrossEntropy, metrics: [Metric] = [.accuracy],
    options: ComputeOptions = .default
  ) throws(EngineError) {
    try optimizer.validate()
    guard plan.outputShape.count == 1 else {
      throw .shape(
        .rank("the output of a classification model", axes: ["classes"], actual: plan.outputShape))
    }
    let executor = try makeExecutor(trains: true, options)
    let trainer = Trainer(
      plan, parameters: storage, seed: seed, optimizer: optimizer, executor: executor, options: options)
    compiled = Compiled(loss: loss, metrics: metrics, trainer: trainer)
    self.options = options
    inferenceExecutor = executor
  }

  /// The optimizer passed to `compile`; nil before.
  public var optimizer: Optimizer? { compiled?.trainer.optimizer }

  /// The loss passed to `compile`; nil before.
  public var loss: Loss? { compiled?.loss }

  /// The metrics passed to `compile`; empty before.
  public var metrics: [Metric] { compiled?.metrics ?? [] }

  /// The schedule of the executors, determined by the plan. Tests override it before compiling.
  package var executionSchedule: ExecutionSchedule

  /// The batch sizes whose workspaces the layer-by-layer executor caches, most recently used last; for tests.
  package var cachedBatchSizes: [Int] {
    (inferenceExecutor as? LayerByLayerExecutor)?.workspaces.map(\.images) ?? []
  }

  private func makeExecutor(trains: Bool, _ options: ComputeOptions) throws(EngineError) -> any BatchExecutor
  {
    switch executionSchedule {
    case .microBatch:
      try EngineError.shapes { () throws(ShapeError) in
        try MicroBatchExecutor(plan, trains: trains, options: options)
      }
    case .layerByLayer: LayerByLayerExecutor(plan, trains: trains, options: options, batchSize: 32)
    }
  }

  /// The executor for prediction: the one `compile` created; before `compile`, one without memory for
  /// training.
  var executor: any BatchExecutor {
    get throws(EngineError) {
      if let inferenceExecutor { return inferenceExecutor }
      let executor = try makeExecutor(trains: false, options)
      inferenceExecutor = executor
      return executor
    }
  }

  func requireCompiled() throws(EngineError) -> Compiled {
    guard let compiled else {
      throw .shape(
        .unsupported("the model is not compiled; call compile(optimizer:loss:metrics:) before training"))
    }
    return compiled
  }
}
