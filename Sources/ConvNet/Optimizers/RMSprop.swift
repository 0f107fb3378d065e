/// RMSprop, as in Keras, with the decoupled weight decay of `Adam`.
///
/// Tieleman and Hinton, "Lecture 6.5: divide the gradient by a running average of its recent magnitude", 2012.
///
///     rate = learningRate * schedule.factor(at: t)
///     parameter -= rate * weightDecay * parameter
///     v = rho * v + (1 - rho) * g * g
///     velocity = momentum * velocity - rate * g / sqrt(v + epsilon)
///     parameter += velocity
///
/// PyTorch adds its epsilon, 1e-8, to the root, and its `alpha` is this `rho`, 0.99.
public struct RMSprop: Sendable, Hashable, Codable {
  /// The learning rate.
  public var learningRate: Float
  /// The decay rate of the mean of the squared gradients.
  public var rho: Float
  /// The momentum: the factor of the previous velocity; 0 requires no state for it.
  public var momentum: Float
  /// The constant added to the mean of the squared gradients.
  public var epsilon: Float
  /// The weight decay: an update subtracts the fraction `rate * weightDecay` of every parameter.
  public var weightDecay: Float
  /// The schedule of the learning rate.
  public var schedule: LearningRateSchedule
  /// The largest norm of the gradient of all parameters together; a larger gradient is scaled to it. nil for no
  /// limit. Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", arXiv
  /// 1211.5063, section 3.2.
  public var clipNorm: Float?

  /// Creates settings. `compile` and `Optimizer.update` validate them.
  public init(
    learningRate: Float = 0.001, rho: Float = 0.9, momentum: Float = 0, epsilon: Float = 1e-7,
    weightDecay: Float = 0, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil
  ) {
    (self.learningRate, self.rho, self.momentum, self.epsilon) = (learningRate, rho, momentum, epsilon)
    (self.weightDecay, self.schedule, self.clipNorm) = (weightDecay, schedule, clipNorm)
  }

  /// Returns the fraction of every parameter that update `t`, from 1, subtracts.
  func decay(_ t: Int) -> Float {
    weightDecay == 0 ? 0 : Float(Double(learningRate) * schedule.factor(at: t) * Double(weightDecay))
  }
}
