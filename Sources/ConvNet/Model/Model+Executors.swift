import Im2col

extension Model {
  /// Creates an executor for a purpose.
  func makeExecutor(_ purpose: OpPurpose, _ options: ComputeOptions) throws(EngineError) -> GraphExecutor {
    try EngineError.shapes { () throws(ShapeError) in
      let graph = try OpGraph(plan, purpose)
      return try GraphExecutor(graph, forcedSchedule ?? ExecutionSchedule(for: graph), options: options)
    }
  }

  /// The executor for prediction and evaluation, without memory for training.
  var executor: GraphExecutor {
    get throws(EngineError) {
      if let inferenceExecutor { return inferenceExecutor }
      let executor = try makeExecutor(.inference, options)
      inferenceExecutor = executor
      return executor
    }
  }

  /// Has the executors compute what they derive from the parameters again.
  func parametersChanged() {
    inferenceExecutor?.parametersChanged()
    compiled?.trainer.executor.parametersChanged()
  }

  /// Whether the outputs are probabilities: the last activation is a softmax.
  package var endsInSoftmax: Bool { (try? OpGraph(plan, .inference))?.finalActivation == .softmax }

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

  /// The ops of a training step.
  package var trainingOps: OpGraph {
    get throws(EngineError) { try requireCompiled().trainer.executor.graph }
  }

  /// The batch sizes whose workspaces the executors cache, most recently used last; for tests.
  package var cachedBatchSizes: (training: [Int], inference: [Int]) {
    (
      compiled?.trainer.executor.cachedBatchSizes ?? [], inferenceExecutor?.cachedBatchSizes ?? []
    )
  }
}
