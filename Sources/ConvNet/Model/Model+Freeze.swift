import Im2col

extension Model {
  /// Has training leave layers as they are: their parameters are not updated, and batch normalizations use
  /// and keep their running statistics. Call `compile` afterwards.
  ///
  ///     try model.freeze { $0.hasPrefix("conv") }
  ///     try model.compile(optimizer: .adam(learningRate: 1e-4))
  ///
  /// The gradients that `gradients` returns for frozen layers are zeros. Backward stops at the first layer that
  /// is trained.
  ///
  /// - Parameter isFrozen: whether a layer with a name is frozen; a later call replaces the choice.
  /// - Throws: `EngineError.inUse` when another thread is using the model.
  public func freeze(_ isFrozen: (String) -> Bool) throws(EngineError) {
    try use.exclusively { () throws(EngineError) in
      let frozen = Set(plan.nodes.indices.filter { isFrozen(plan.nodes[$0].name) })
      state.withLock {
        $0.frozen = frozen
        $0.compiled = nil
        $0.inferenceExecutor = nil
      }
    }
  }

  /// The names of the frozen layers, in order.
  public var frozenLayers: [String] { state.withLock { $0.frozen }.sorted().map { plan.nodes[$0].name } }
}
