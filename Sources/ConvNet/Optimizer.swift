import CKernels
import Im2col

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How gradients change parameters; declared, so that a checkpoint can name it.
public enum Optimizer: Sendable, Hashable, Codable {
  /// Adam with its settings.
  case adam(Adam)
  /// Gradient descent with its settings.
  case sgd(SGD)

  /// Adam: see `Adam`.
  public static func adam(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7
  ) -> Optimizer {
    .adam(Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon))
  }

  /// Gradient descent: see `SGD`.
  public static func sgd(learningRate: Float = 0.01, momentum: Float = 0) -> Optimizer {
    .sgd(SGD(learningRate: learningRate, momentum: momentum))
  }
}

/// Kingma and Ba, "Adam: a method for stochastic optimization", arXiv 1412.6980, section 2, last
/// paragraph: the corrections of both moments are folded into the step.
///
///     m = beta1 * m + (1 - beta1) * g
///     v = beta2 * v + (1 - beta2) * g * g
///     parameter -= learningRate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
public struct Adam: Sendable, Hashable, Codable {
  /// Size of a step.
  public var learningRate: Float
  /// How much of the mean is kept.
  public var beta1: Float
  /// How much of the mean square is kept.
  public var beta2: Float
  /// Keeps the quotient finite; Keras' 1e-7, TensorFlow 1's 1e-8.
  public var epsilon: Float

  /// Makes settings; checked where they are used.
  public init(learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7) {
    (self.learningRate, self.beta1, self.beta2, self.epsilon) = (learningRate, beta1, beta2, epsilon)
  }

  /// The factor of `m / (sqrt(v) + epsilon)` in update `t`, counted from 1.
  func step(_ t: Int) -> Float {
    let (b1, b2) = (pow(Double(beta1), Double(t)), pow(Double(beta2), Double(t)))
    return Float(Double(learningRate) * (1 - b2).squareRoot() / (1 - b1))
  }
}

/// Gradient descent with momentum, as Keras has it.
///
///     velocity = momentum * velocity - learningRate * g
///     parameter += velocity
public struct SGD: Sendable, Hashable, Codable {
  /// Size of a step.
  public var learningRate: Float
  /// How much of the velocity is kept; 0 needs no state.
  public var momentum: Float

  /// Makes settings; checked where they are used.
  public init(learningRate: Float = 0.01, momentum: Float = 0) {
    (self.learningRate, self.momentum) = (learningRate, momentum)
  }
}

/// What an optimizer remembers between updates.
public struct OptimizerState: Sendable, Equatable {
  /// Updates done so far.
  public var updates: Int
  /// Adam's `m`, or the velocity; empty where the optimizer keeps none.
  public var first: [Float]
  /// Adam's `v`; empty where the optimizer keeps none.
  public var second: [Float]

  /// Wraps numbers, for instance those of a checkpoint.
  public init(updates: Int, first: [Float], second: [Float]) {
    (self.updates, self.first, self.second) = (updates, first, second)
  }
}

extension Optimizer {
  /// How many arrays as long as the parameters the optimizer keeps.
  package var slots: Int {
    switch self {
    case .adam: 2
    case .sgd(let sgd): sgd.momentum == 0 ? 0 : 1
    }
  }

  /// The state before the first update.
  public func freshState(parameters count: Int) -> OptimizerState {
    let zeros = [Float](repeating: 0, count: max(count, 0))
    return OptimizerState(updates: 0, first: slots > 0 ? zeros : [], second: slots > 1 ? zeros : [])
  }

  /// Checks the settings.
  ///
  /// - Throws: `EngineError.shape` naming the setting that makes no sense.
  package func validate() throws(EngineError) {
    let settings: [(String, Float, ClosedRange<Float>)] =
      switch self {
      case .adam(let adam):
        [
          ("the learning rate", adam.learningRate, 0...Float.greatestFiniteMagnitude),
          ("beta1", adam.beta1, 0...1.0.nextDown32), ("beta2", adam.beta2, 0...1.0.nextDown32),
          ("epsilon", adam.epsilon, 0...Float.greatestFiniteMagnitude),
        ]
      case .sgd(let sgd):
        [
          ("the learning rate", sgd.learningRate, 0...Float.greatestFiniteMagnitude),
          ("the momentum", sgd.momentum, 0...1),
        ]
      }
    for (name, value, range) in settings where !range.contains(value) {
      throw .shape(
        .unsupported("\(name) is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)"))
    }
  }

  /// Checks that a state belongs to this optimizer and to so many parameters.
  ///
  /// - Throws: `EngineError.shape` with the counts that clash.
  package func validate(_ state: OptimizerState, parameters count: Int) throws(EngineError) {
    try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.requireNonNegative(state.updates, "the number of updates")
      try ShapeError.require(
        [state.first.count, state.second.count], equals: [slots > 0 ? count : 0, slots > 1 ? count : 0],
        "the optimizer's state (first and second array)")
    }
  }

  /// One update, for parameters of one's own.
  ///
  /// - Parameters:
  ///   - parameters: changed in place.
  ///   - gradients: as many numbers.
  ///   - state: from `freshState`, then handed from update to update.
  /// - Throws: `EngineError.shape` when counts differ or a setting makes no sense; nothing is changed then.
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
        state.first.withUnsafeMutableBufferPointer { first in
          state.second.withUnsafeMutableBufferPointer { second in
            guard let w = parameters.baseAddress, let g = gradients.baseAddress else { return }
            apply(
              update: updates, range: 0..<count, lanes: ckernels_lanes(first: g, stride: 0, count: 1),
              parameters: w, first: first.baseAddress, second: second.baseAddress)
          }
        }
      }
    }
  }

  /// Update number `update` of one range of the parameters; the pointers are those of the whole arrays.
  package func apply(
    update: Int, range: Range<Int>, lanes: ckernels_lanes, parameters: UnsafeMutablePointer<Float>,
    first: UnsafeMutablePointer<Float>?, second: UnsafeMutablePointer<Float>?
  ) {
    var lanes = lanes
    lanes.first += range.lowerBound
    let start = range.lowerBound
    switch self {
    case .adam(let adam):
      guard let first, let second else { return }
      ckernels_adam(
        Int64(range.count), lanes, adam.step(update), adam.beta1, adam.beta2, adam.epsilon,
        parameters + start, first + start, second + start)
    case .sgd(let sgd):
      let velocity = sgd.momentum == 0 ? nil : first.map { $0 + start }
      ckernels_sgd(Int64(range.count), lanes, sgd.learningRate, sgd.momentum, parameters + start, velocity)
    }
  }
}

extension Double {
  /// The largest Float below this number.
  fileprivate var nextDown32: Float { Float(self).nextDown }
}
