/// Stochastic gradient descent with momentum, as in Keras, and with weight decay as in Krizhevsky, Sutskever
/// and Hinton, "ImageNet classification with deep convolutional neural networks", section 5.
///
///     rate = learningRate * schedule.factor(at: t)
///     velocity = momentum * velocity - rate * (g + weightDecay * parameter)
///     parameter += velocity
///
/// The decay is the gradient of `weightDecay / 2 * |parameters|^2`. Unlike that of `Adam`, it is part of the
/// velocity. It applies to all parameters, including biases.
public struct SGD: Sendable, Hashable, Codable {
  /// The learning rate.
  public var learningRate: Float
  /// The momentum: the factor of the previous velocity; 0 requires no state.
  public var momentum: Float
  /// The weight decay: the factor of the parameters that is added to the gradient.
  public var weightDecay: Float
  /// The schedule of the learning rate.
  public var schedule: LearningRateSchedule

  /// Creates settings. `compile` and `Optimizer.update` validate them.
  public init(
    learningRate: Float = 0.01, momentum: Float = 0, weightDecay: Float = 0,
    schedule: LearningRateSchedule = .constant
  ) {
    (self.learningRate, self.momentum) = (learningRate, momentum)
    (self.weightDecay, self.schedule) = (weightDecay, schedule)
  }

  /// Decodes settings; the weight decay is 0 and the schedule constant if the file does not contain them.
  public init(from decoder: any Decoder) throws {
    let settings = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try settings.decode(Float.self, forKey: .learningRate)
    momentum = try settings.decode(Float.self, forKey: .momentum)
    weightDecay = try settings.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0
    schedule = try settings.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule) ?? .constant
  }
}
