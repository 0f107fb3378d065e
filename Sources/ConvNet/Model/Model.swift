import Im2col
import Synchronization

/// A network with parameters, which can be trained.
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
/// Names follow Keras. A model changes while it trains. Only one thread at a time may use it: a call while
/// another thread is training or predicting throws `EngineError.inUse`. For concurrent predictions, make a
/// `predictor()`; to train two models from the same parameters, make a `copy()`. The computation runs on the
/// workers of `options`. Different models may run concurrently, even if they share workers.
public final class Model: Sendable {
  /// The layers and what each of them reads.
  public let graph: Graph
  /// The seed of the initialization, of the order of images in each epoch, and of dropout.
  public let seed: UInt64

  package let plan: NetworkPlan
  let storage: AlignedFloats
  let use = ModelUse()
  /// Held while parameters are written or copied, so that a copy is of one moment.
  let storageLock = Mutex<Void>(())
  let state = Mutex(State())

  /// What changes besides the parameters.
  struct State: Sendable {
    var options = ComputeOptions.default
    var compiled: Compiled?
    var inferenceExecutor: GraphExecutor?
    var forcedSchedule: ExecutionSchedule?
    var frozen: Set<Int> = []
  }

  /// The result of `compile`.
  struct Compiled: Sendable {
    let metrics: [Metric]
    let trainer: Trainer

    var loss: any Loss { trainer.executor.objective.loss }
  }

  /// Creates a model and initializes its parameters.
  ///
  /// - Parameters:
  ///   - graph: the layers and what each of them reads.
  ///   - seed: the random seed; the same seed gives the same parameters on every machine.
  /// - Throws: `EngineError.shape` when a layer does not accept its inputs; `EngineError.blas` when the
  ///   OpenBLAS of this process is not usable.
  /// - Complexity: O(number of parameters).
  public init(_ graph: Graph, seed: UInt64 = 0) throws(EngineError) {
    try BLAS.requireUsable()
    plan = try EngineError.shapes { () throws(ShapeError) in
      let plan = try NetworkPlan(graph)
      _ = try OpGraph(plan, .inference)
      return plan
    }
    (self.graph, self.seed) = (graph, seed)
    storage = AlignedFloats(plan.parameterCount)
    for (index, parameter) in plan.parameters.enumerated() {
      parameter.plan.initializer.fill(
        storage.start + parameter.range.lowerBound, parameter.range.count, fanIn: parameter.plan.fanIn,
        fanOut: parameter.plan.fanOut, seed: seed, parameterIndex: index)
    }
  }

  /// Creates a model from a list of layers and blocks.
  ///
  /// - Parameters:
  ///   - inputShape: the shape of one image: `[height, width, channels]`, or `[features]`.
  ///   - layers: the layers and blocks from input to output.
  ///   - seed: the random seed; the same seed gives the same parameters on every machine.
  /// - Throws: the errors of `init(_:seed:)`.
  public convenience init(inputShape: [Int], layers: [Block], seed: UInt64 = 0) throws(EngineError) {
    try self.init(Graph(inputShape: inputShape, layers), seed: seed)
  }

  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  public var inputShape: [Int] { graph.inputShape }

  /// The shape of one output.
  public var outputShape: [Int] { plan.outputShape }

  /// The number of scalars in all parameters, trainable or state.
  public var parameterCount: Int { plan.parameterCount }

  /// The number of trainable scalars.
  public var trainableCount: Int { plan.trainableCount }

  /// Workers, scratch and lowering for prediction and evaluation.
  ///
  /// `compile` replaces it with its `options` argument. A later change affects prediction and evaluation, but
  /// not training.
  public var options: ComputeOptions {
    get { state.withLock { $0.options } }
    set {
      state.withLock {
        $0.options = newValue
        $0.inferenceExecutor = nil
      }
    }
  }

  /// Configures the model for training. Compiling again resets the optimizer state and keeps the parameters.
  ///
  /// - Parameters:
  ///   - optimizer: the optimizer and its settings.
  ///   - loss: the loss function to minimize.
  ///   - metrics: the metrics to report besides the loss, as `Score.value(of:)`.
  ///   - options: workers, scratch and lowering for training and prediction.
  /// - Throws: `EngineError.shape` when a setting is out of range, or the loss does not match the outputs or
  ///   the last activation; `EngineError.inUse` when another thread is using the model.
  public func compile(
    optimizer: Optimizer = .adam(), loss: any Loss = .softmaxCrossEntropy, metrics: [Metric] = [.accuracy],
    options: ComputeOptions = .default
  ) throws(EngineError) {
    try use.exclusively { () throws(EngineError) in
      try optimizer.validate()
      let finalActivation = try requireMatch(loss)
      let objective = Objective(loss: loss, metrics: Set(metrics))
      let frozen = state.withLock { $0.frozen }
      let executor = try makeExecutor(
        OpPurpose(trains: true, finalActivation: finalActivation, frozenNodes: frozen), options, objective)
      let trainer = Trainer(executor, parameters: storage, seed: seed, optimizer: optimizer)
      state.withLock {
        $0.compiled = Compiled(metrics: metrics, trainer: trainer)
        $0.options = options
        $0.inferenceExecutor = nil
      }
    }
  }

  /// Checks that a loss can be minimized; returns the activation at the end that it includes.
  private func requireMatch(_ loss: any Loss) throws(EngineError) -> Activation? {
    try EngineError.shapes { () throws(ShapeError) in
      try loss.validate(outputs: plan.outputCount)
      let last = plan.finalActivation
      guard let included = loss.includedActivation else { return nil }
      guard last == included || last == .identity else {
        throw .unsupported(
          "\(loss.name) needs a network that ends in \(included) or in no activation, but the last layer, "
            + "\"\(plan.nodes.last?.name ?? "")\", ends in \(last); change the activation or the loss")
      }
      guard included != .softmax || plan.outputShape.count == 1 else {
        throw .rank("the output of a network for \(loss.name)", axes: ["classes"], actual: plan.outputShape)
      }
      return included
    }
  }

  var compiled: Compiled? { state.withLock { $0.compiled } }

  /// The optimizer passed to `compile`; nil before.
  public var optimizer: Optimizer? { compiled?.trainer.optimizer }

  /// The loss passed to `compile`; nil before.
  public var loss: (any Loss)? { compiled?.loss }

  /// The metrics passed to `compile`; empty before.
  public var metrics: [Metric] { compiled?.metrics ?? [] }

  func requireCompiled() throws(EngineError) -> Compiled {
    guard let compiled else {
      throw .shape(
        .unsupported("the model is not compiled; call compile(optimizer:loss:metrics:) before training"))
    }
    return compiled
  }

  /// Replaces the schedule that follows from the graph, for tests; set it before compiling.
  package var forcedSchedule: ExecutionSchedule? {
    get { state.withLock { $0.forcedSchedule } }
    set { state.withLock { $0.forcedSchedule = newValue } }
  }
}

/// A model that applies a list of layers in order.
public typealias Sequential = Model
