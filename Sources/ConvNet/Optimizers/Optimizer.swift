import CKernels
import Im2col

/// An optimizer with its settings, without state.
public enum Optimizer: Sendable, Hashable, Codable {
  /// Adam or AdamW.
  case adam(Adam)
  /// Gradient descent, optionally with momentum.
  case sgd(SGD)
  /// RMSprop.
  case rmsprop(RMSprop)

  /// Adam, or with a weight decay AdamW. See `Adam`.
  public static func adam(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7,
    weightDecay: Float = 0, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil
  ) -> Optimizer {
    .adam(
      Adam(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
        schedule: schedule, clipNorm: clipNorm))
  }

  /// Gradient descent, optionally with momentum. See `SGD`.
  public static func sgd(
    learningRate: Float = 0.01, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0,
    schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil
  ) -> Optimizer {
    .sgd(
      SGD(
        learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay,
        schedule: schedule, clipNorm: clipNorm))
  }

  /// RMSprop. See `RMSprop`.
  public static func rmsprop(
    learningRate: Float = 0.001, rho: Float = 0.9, momentum: Float = 0, epsilon: Float = 1e-7,
    weightDecay: Float = 0, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil
  ) -> Optimizer {
    .rmsprop(
      RMSprop(
        learningRate: learningRate, rho: rho, momentum: momentum, epsilon: epsilon, weightDecay: weightDecay,
        schedule: schedule, clipNorm: clipNorm))
  }

  /// The schedule of the learning rate.
  public var schedule: LearningRateSchedule {
    switch self {
    case .adam(let adam): adam.schedule
    case .sgd(let sgd): sgd.schedule
    case .rmsprop(let rmsprop): rmsprop.schedule
    }
  }

  /// The largest norm of the gradient of all parameters together; nil for no limit.
  public var clipNorm: Float? {
    switch self {
    case .adam(let adam): adam.clipNorm
    case .sgd(let sgd): sgd.clipNorm
    case .rmsprop(let rmsprop): rmsprop.clipNorm
    }
  }

  /// Returns the factor of a gradient that keeps its norm within the limit.
  ///
  /// - Parameter sumOfSquares: the sum of the squares of all gradients.
  func gradientFactor(_ sumOfSquares: Double) -> Float {
    guard let clipNorm else { return 1 }
    let norm = sumOfSquares.squareRoot()
    return norm > Double(clipNorm) ? Float(Double(clipNorm) / norm) : 1
  }

  /// Returns the learning rate of an update, including the factor of the schedule.
  ///
  /// - Parameter update: the number of the update, from 1.
  /// - Precondition: `update` is at least 1, and the settings are valid.
  public func learningRate(at update: Int) -> Float {
    switch self {
    case .adam(let adam): Float(Double(adam.learningRate) * adam.schedule.factor(at: update))
    case .sgd(let sgd): Float(Double(sgd.learningRate) * sgd.schedule.factor(at: update))
    case .rmsprop(let rmsprop): Float(Double(rmsprop.learningRate) * rmsprop.schedule.factor(at: update))
    }
  }
}

/// The state of an optimizer between updates.
public struct OptimizerState: Sendable, Equatable {
  /// The number of updates so far.
  public var updates: Int
  /// The first moment of Adam, the velocity of SGD, or the mean square of RMSprop; empty for an SGD without
  /// momentum.
  public var firstMoment: [Float]
  /// The second moment of Adam, or the velocity of RMSprop; empty for others.
  public var secondMoment: [Float]

  /// Creates a state, for example from a checkpoint.
  public init(updates: Int, firstMoment: [Float], secondMoment: [Float]) {
    (self.updates, self.firstMoment, self.secondMoment) = (updates, firstMoment, secondMoment)
  }
}

extension Optimizer {
  /// The number of state arrays of the size of the parameters.
  package var slots: Int {
    switch self {
    case .adam: 2
    case .sgd(let sgd): sgd.momentum == 0 ? 0 : 1
    case .rmsprop(let rmsprop): rmsprop.momentum == 0 ? 1 : 2
    }
  }

  /// Returns the state before the first update, for a number of parameters.
  public func initialState(parameters count: Int) -> OptimizerState {
    let zeros = [Float](repeating: 0, count: max(count, 0))
    return OptimizerState(
      updates: 0, firstMoment: slots > 0 ? zeros : [], secondMoment: slots > 1 ? zeros : [])
  }

  /// Checks the settings.
  ///
  /// - Throws: `EngineError.shape` with the name and value of a setting that is out of range.
  package func validate() throws(EngineError) {
    let settings: [(String, Float, ClosedRange<Float>)] =
      switch self {
      case .adam(let adam):
        [
          ("the learning rate", adam.learningRate, 0...Float.greatestFiniteMagnitude),
          ("beta1", adam.beta1, 0...1.0.nextDown32), ("beta2", adam.beta2, 0...1.0.nextDown32),
          ("epsilon", adam.epsilon, 0...Float.greatestFiniteMagnitude),
          ("the weight decay", adam.weightDecay, 0...Float.greatestFiniteMagnitude),
        ]
      case .sgd(let sgd):
        [
          ("the learning rate", sgd.learningRate, 0...Float.greatestFiniteMagnitude),
          ("the momentum", sgd.momentum, 0...1),
          ("the weight decay", sgd.weightDecay, 0...Float.greatestFiniteMagnitude),
        ]
      case .rmsprop(let rmsprop):
        [
          ("the learning rate", rmsprop.learningRate, 0...Float.greatestFiniteMagnitude),
          ("rho", rmsprop.rho, 0...1.0.nextDown32), ("the momentum", rmsprop.momentum, 0...1),
          ("epsilon", rmsprop.epsilon, 0...Float.greatestFiniteMagnitude),
          ("the weight decay", rmsprop.weightDecay, 0...Float.greatestFiniteMagnitude),
        ]
      }
    for (name, value, range) in settings where !range.contains(value) {
      throw .shape(
        .unsupported("\(name) is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)"))
    }
    if case .sgd(let sgd) = self, sgd.nesterov, sgd.momentum == 0 {
      throw .shape(.unsupported("Nesterov's momentum is 0; it must be above 0, such as 0.9"))
    }
    if let clipNorm, !(clipNorm > 0 && clipNorm.isFinite) {
      throw .shape(.unsupported("the norm to clip at is \(clipNorm); it must be finite and greater than 0"))
    }
    if let validationError = schedule.validationError { throw .shape(.unsupported(validationError)) }
  }

  /// All integers up to this one are exact in Double, which schedules and Adam's bias corrections use.
  private static let maxUpdates = 1 << 53

  /// Checks that a state belongs to this optimizer and to a number of parameters.
  ///
  /// - Throws: `EngineError.shape` when a count does not match.
  package func validate(_ state: OptimizerState, parameters count: Int) throws(EngineError) {
    guard (0...Optimizer.maxUpdates).contains(state.updates) else {
      throw .shape(
        .outOfRange("the number of updates", value: state.updates, range: 0..<Optimizer.maxUpdates + 1))
    }
    try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.require(
        [state.firstMoment.count, state.secondMoment.count],
        equals: [slots > 0 ? count : 0, slots > 1 ? count : 0],
        "the optimizer state (first and second moment)")
    }
  }

  /// Updates parameters once, outside of a model.
  ///
  /// - Parameters:
  ///   - parameters: the parameters; updated in place.
  ///   - gradients: the gradient, of the same count.
  ///   - state: the state, initially from `initialState`; updated in place.
  /// - Throws: `EngineError.shape` when counts differ or a setting is out of range. On an error,
  ///   nothing is changed.
  /// - Complexity: O(*n*) where *n* is the number of parameters.
  public func update(
    parameters: inout [Float], gradients: [Float], state: inout OptimizerState
  ) throws(EngineError) {
    let count = parameters.count
    try validate()
    try validate(state, parameters: count)
    guard gradients.count == count else {
      throw .shape(.mismatch("the gradient", expected: [count], actual: [gradients.count]))
    }
    state.updates += 1
    let updates = state.updates
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradients.withUnsafeBufferPointer { gradients in
        state.firstMoment.withUnsafeMutableBufferPointer { firstMoment in
          state.secondMoment.withUnsafeMutableBufferPointer { secondMoment in
            guard let w = parameters.baseAddress, let g = gradients.baseAddress else { return }
            let shards = ckernels_shards(first: g, stride: 0, count: 1)
            let factor = clipNorm == nil ? 1 : gradientFactor(ckernels_sum_of_squares(Int64(count), shards))
            apply(
              update: updates, range: 0..<count, shards: shards, factor: factor, parameters: w,
              firstMoment: firstMoment.baseAddress,
              secondMoment: secondMoment.baseAddress)
          }
        }
      }
    }
  }

  /// Applies update number `update` to a range of the parameters; the pointers refer to the whole arrays.
  ///
  /// - Parameter factor: the factor of the gradient, such as that of a limit of its norm.
  package func apply(
    update: Int, range: Range<Int>, shards: ckernels_shards, factor: Float = 1,
    parameters: UnsafeMutablePointer<Float>,
    firstMoment: UnsafeMutablePointer<Float>?, secondMoment: UnsafeMutablePointer<Float>?
  ) {
    var shards = shards
    shards.first += range.lowerBound
    let start = range.lowerBound
    switch self {
    case .adam(let adam):
      guard let firstMoment, let secondMoment else { return }
      ckernels_adam(
        Int64(range.count), shards, factor, adam.step(update), adam.decay(update), adam.beta1, adam.beta2,
        adam.epsilon, parameters + start, firstMoment + start, secondMoment + start)
    case .sgd(let sgd):
      let velocity = sgd.momentum == 0 ? nil : firstMoment.map { $0 + start }
      ckernels_sgd(
        Int64(range.count), shards, factor, learningRate(at: update), sgd.momentum, sgd.nesterov ? 1 : 0,
        sgd.weightDecay, parameters + start, velocity)
    case .rmsprop(let rmsprop):
      guard let meanSquares = firstMoment else { return }
      let velocity = rmsprop.momentum == 0 ? nil : secondMoment.map { $0 + start }
      ckernels_rmsprop(
        Int64(range.count), shards, factor, learningRate(at: update), rmsprop.decay(update), rmsprop.rho,
        rmsprop.momentum, rmsprop.epsilon, parameters + start, meanSquares + start, velocity)
    }
  }
}

extension Double {
  /// The largest Float below the value rounded to Float.
  fileprivate var nextDown32: Float { Float(self).nextDown }
}
