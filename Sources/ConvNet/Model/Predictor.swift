import Im2col
import Synchronization

/// An immutable snapshot of a model for predictions, which may be called from many threads at the same time.
///
///     let predictor = try model.predictor()
///     await withTaskGroup(of: Tensor?.self) { group in
///       for image in images { group.addTask { try? predictor.predict(image) } }
///     }
///
/// Predictions have the bits of `Model.predict` with the parameters of the moment when the predictor was made.
/// Concurrent calls share the parameters and what is derived from them; each has its own memory for values,
/// which later calls reuse.
public final class Predictor: Sendable {
  /// The layers and what each of them reads.
  public let graph: Graph
  /// Workers, scratch and lowering.
  public let options: ComputeOptions

  private let ops: OpGraph
  private let schedule: ExecutionSchedule
  private let parameters: AlignedFloats
  private let prepared = PreparedParameters()
  /// The executors that no call is using.
  private let idle = Mutex<[GraphExecutor]>([])

  init(_ model: Model, _ ops: OpGraph, _ schedule: ExecutionSchedule) throws(EngineError) {
    (graph, options) = (model.graph, model.options)
    (self.ops, self.schedule) = (ops, schedule)
    let values = model.parameters
    parameters = AlignedFloats(values.count)
    parameters.start.update(from: values, count: values.count)
    // Computed once here, so that concurrent calls only read it.
    let single = ops.makeOps(.exactly(1), options: options)
    _ = prepared.memory(parameters, single, options.workers)
  }

  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  public var inputShape: [Int] { graph.inputShape }
  /// The shape of one output.
  public var outputShape: [Int] { ops.plan.outputShape }

  /// Returns the outputs for a batch of images.
  ///
  /// - Parameter images: `[batch, height, width, channels]`; the batch may be empty.
  /// - Returns: `[batch, classes]`: probabilities if the model ends in softmax.
  /// - Throws: `EngineError.shape` when the shape does not match the model, or the outputs exceed memory.
  public func predict(_ images: Tensor) throws(EngineError) -> Tensor {
    let batch = try ops.plan.requireImages(images)
    _ = try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.elementCount(of: [batch] + outputShape, named: "output")
    }
    var output = Tensor(zeros: [batch] + outputShape)
    guard batch > 0 else { return output }
    let executor =
      if let executor = idle.withLock({ $0.popLast() }) { executor } else {
        try GraphExecutor(ops, schedule, options: options, prepared: prepared)
      }
    defer { idle.withLock { $0.append(executor) } }
    try executor.predict(images, parameters, into: &output)
    return output
  }
}

extension Model {
  /// Returns a snapshot for concurrent predictions.
  ///
  /// - Throws: `EngineError.inUse` when another thread is using the model.
  /// - Complexity: O(number of parameters).
  public func predictor() throws(EngineError) -> Predictor {
    try use.exclusively { () throws(EngineError) in
      let executor = try executor
      return try Predictor(self, executor.graph, executor.schedule)
    }
  }

  /// Returns a model with the same parameters, which is compiled in the same way and has the same optimizer
  /// state. The two share no memory.
  ///
  /// - Throws: `EngineError.inUse` when another thread is using the model.
  public func copy() throws(EngineError) -> Model {
    try use.exclusively { () throws(EngineError) in
      let model = try Model(graph, seed: seed)
      try model.setParameters(parameters)
      let state = state.withLock { $0 }
      model.state.withLock { $0.frozen = state.frozen }
      model.forcedSchedule = state.forcedSchedule
      if let compiled = state.compiled {
        try model.compile(
          optimizer: compiled.trainer.optimizer, loss: compiled.loss, metrics: compiled.metrics,
          options: compiled.trainer.executor.options)
        try model.setOptimizerState(compiled.trainer.state)
      }
      model.options = state.options
      return model
    }
  }
}
