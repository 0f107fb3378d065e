import Im2col

extension Model {
  /// Creates an executor for a purpose.
  func makeExecutor(
    _ purpose: OpPurpose, _ options: ComputeOptions, _ objective: Objective
  ) throws(EngineError) -> GraphExecutor {
    let graph = try EngineError.shapes { () throws(ShapeError) in try OpGraph(plan, purpose) }
    return try GraphExecutor(
      graph, forcedSchedule ?? ExecutionSchedule(for: graph), options: options, objective: objective)
  }

  /// The executor for prediction and evaluation, without memory for training.
  var executor: GraphExecutor {
    get throws(EngineError) {
      let (existing, options, compiled) = state.withLock { ($0.inferenceExecutor, $0.options, $0.compiled) }
      if let existing { return existing }
      let executor = try makeExecutor(
        OpPurpose(trains: false, finalActivation: inferenceActivation), options,
        compiled?.trainer.executor.objective ?? .default)
      state.withLock { $0.inferenceExecutor = executor }
      return executor
    }
  }

  /// The activation that is removed at the end and applied to the outputs of a prediction: that of the loss,
  /// or before `compile` a softmax.
  var inferenceActivation: Activation? {
    guard let compiled else { return .softmax }
    return compiled.loss.includedActivation
  }

  /// Has the executors compute what they derive from the parameters again.
  func parametersChanged() {
    state.withLock {
      $0.inferenceExecutor?.parametersChanged()
      $0.compiled?.trainer.executor.parametersChanged()
    }
  }

  /// Whether the outputs are probabilities: the last activation is a softmax.
  package var endsInSoftmax: Bool { plan.finalActivation == .softmax }

  /// The schedule of training.
  package var trainingSchedule: ExecutionSchedule {
    get throws(EngineError) {
      if let forcedSchedule { return forcedSchedule }
      return try EngineError.shapes { () throws(ShapeError) in
        try ExecutionSchedule(for: OpGraph(plan, .training))
      }
    }
  }

  /// Calls `body` while the training executor, or before `compile` the one for inference, reports to an
  /// observer.
  package func observed<R>(
    by observer: any ExecutionObserver, _ body: () throws(EngineError) -> R
  ) throws(EngineError) -> R {
    let executor = if let compiled { compiled.trainer.executor } else { try executor }
    executor.observer = observer
    defer { executor.observer = nil }
    return try body()
  }

  /// The ops of a prediction, and their schedule.
  package var inferenceOps: OpGraph { get throws(EngineError) { try executor.graph } }
  package var inferenceSchedule: ExecutionSchedule { get throws(EngineError) { try executor.schedule } }

  /// The ops of a training step.
  package var trainingOps: OpGraph {
    get throws(EngineError) { try requireCompiled().trainer.executor.graph }
  }

  /// The batch sizes whose workspaces the executors cache, most recently used last; for tests.
  package var cachedBatchSizes: (training: [Int], inference: [Int]) {
    state.withLock {
      ($0.compiled?.trainer.executor.cachedBatchSizes ?? [], $0.inferenceExecutor?.cachedBatchSizes ?? [])
    }
  }
}
