import Im2col

/// A parameter array with its name, as stored in model files.
public struct NamedTensor: Sendable, Equatable {
  /// Layer and role, for example `conv1.kernel`.
  public let name: String
  /// `[height, width, inChannels / groups, outChannels]` for convolution kernels, `[inputs, outputs]` for
  /// dense kernels, `[outputs]` for biases.
  public let tensor: Tensor

  /// Creates a named tensor.
  public init(name: String, tensor: Tensor) {
    (self.name, self.tensor) = (name, tensor)
  }
}

extension Model {
  /// All parameters as one flat array, in the order of `parameterTensors`: the trainable ones first, then the
  /// state.
  public var parameters: [Float] { storageLock.withLock { _ in storage.array } }

  /// Replaces all parameters.
  ///
  /// - Parameter values: the parameters in the order of `parameterTensors`.
  /// - Throws: `EngineError.shape` when the count differs. On an error, the model is unchanged.
  public func setParameters(_ values: [Float]) throws(EngineError) {
    guard values.count == parameterCount else {
      throw .shape(.mismatch("the parameters", expected: [parameterCount], actual: [values.count]))
    }
    try write {
      storage.start.update(from: values, count: values.count)
    }
  }

  /// Writes parameters, and has what is derived from them computed again.
  private func write(_ body: () -> Void) throws(EngineError) {
    try use.exclusively { () throws(EngineError) in
      storageLock.withLock { _ in body() }
      parametersChanged()
    }
  }

  /// The name and shape of every parameter array, in order.
  public var parameterShapes: [(name: String, shape: [Int])] {
    plan.parameters.map { ($0.name, $0.plan.shape) }
  }

  /// Every parameter array, in order.
  public var parameterTensors: [NamedTensor] {
    let scalars = parameters
    return plan.parameters.map { parameter in
      NamedTensor(
        name: parameter.name,
        tensor: Tensor(validated: parameter.plan.shape, scalars: Array(scalars[parameter.range])))
    }
  }

  /// Replaces every parameter array.
  ///
  /// - Parameter tensors: one tensor for every name of `parameterShapes`, in any order.
  /// - Throws: `EngineError.shape` when a name is missing, unknown or repeated, or a shape differs. On an
  ///   error, the model is unchanged.
  public func setParameterTensors(_ tensors: [NamedTensor]) throws(EngineError) {
    var byName: [String: Tensor] = [:]
    for named in tensors {
      guard byName.updateValue(named.tensor, forKey: named.name) == nil else {
        throw .shape(.unsupported("the parameter \"\(named.name)\" is given twice"))
      }
    }
    for parameter in plan.parameters {
      guard let tensor = byName.removeValue(forKey: parameter.name) else {
        throw .shape(
          .unsupported("the parameter \"\(parameter.name)\" of shape \(parameter.plan.shape) is missing"))
      }
      guard tensor.shape == parameter.plan.shape else {
        throw .shape(
          .mismatch(
            "the parameter \"\(parameter.name)\"", expected: parameter.plan.shape, actual: tensor.shape))
      }
    }
    if let unexpected = byName.keys.min() {
      throw .shape(.unsupported("this model has no parameter \"\(unexpected)\""))
    }
    try write {
      for named in tensors {
        guard let parameter = plan.parameters.first(where: { $0.name == named.name }) else { continue }
        storage.start.advanced(by: parameter.range.lowerBound)
          .update(from: named.tensor.scalars, count: parameter.range.count)
      }
    }
  }

  /// Replaces the parameter arrays whose names and shapes match; a warm start from another model.
  ///
  /// - Returns: what matched and what did not.
  /// - Throws: `EngineError.inUse` when another thread is using the model.
  @discardableResult
  public func setMatchingParameters(_ tensors: [NamedTensor]) throws(EngineError) -> ParameterMatch {
    var match = ParameterMatch()
    var byName = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    var found: [(range: Range<Int>, scalars: [Float])] = []
    for parameter in plan.parameters {
      guard let tensor = byName.removeValue(forKey: parameter.name) else {
        match.missing.append(parameter.name)
        continue
      }
      guard tensor.shape == parameter.plan.shape else {
        match.otherShape.append(parameter.name)
        continue
      }
      match.matched.append(parameter.name)
      found.append((parameter.range, tensor.scalars))
    }
    match.unused = byName.keys.sorted()
    try write {
      for (range, scalars) in found {
        storage.start.advanced(by: range.lowerBound).update(from: scalars, count: range.count)
      }
    }
    return match
  }

  /// The optimizer state; nil before `compile`.
  public var optimizerState: OptimizerState? { compiled?.trainer.state }

  /// Replaces the optimizer state, for example with that of a checkpoint.
  ///
  /// - Throws: `EngineError.shape` when the model is not compiled or the counts differ. On an error, the
  ///   state is unchanged.
  public func setOptimizerState(_ state: OptimizerState) throws(EngineError) {
    let trainer = try requireCompiled().trainer
    try trainer.optimizer.validate(state, parameters: trainableCount)
    try use.exclusively { () throws(EngineError) in trainer.state = state }
  }
}
