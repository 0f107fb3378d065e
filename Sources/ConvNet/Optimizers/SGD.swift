/// Gradient descent with momentum, as Keras has it; with a weight decay as in Krizhevsky, Sutskever and
/// Hinton, "ImageNet classification with deep convolutional neural networks", section 5.
///
///     rate = learningRate * schedule.factor(at: t)
///     velocity = momentum * velocity - rate * (g + weightDecay * parameter)
///     parameter += velocity
///
/// The decay is the gradient of `weightDecay / 2 * |parameters|^2` and goes through the velocity, unlike
/// `Adam`'s; all parameters decay, biases too.
public struct SGD: Sendable, Hashable, Codable {
  /// Size of a step.
  public var learningRate: Float
  /// How much of the velocity is kept; 0 needs no state.
  public var momentum: Float
  /// How much of the parameter is added to its gradient.
  public var weightDecay: Float
  /// How the learning rate changes from update to update.
  public var schedule: LearningRateSchedule

  /// Makes settings; checked where they are used.
  public init(
    learningRate: Float = 0.01, momentum: Float = 0, weightDecay: Float = 0,
    schedule: LearningRateSchedule = .constant
  ) {
    (self.learningRate, self.momentum) = (learningRate, momentum)
    (self.weightDecay, self.schedule) = (weightDecay, schedule)
  }

  /// Reads settings; those from before there was a decay and a schedule have neither.
  public init(from decoder: any Decoder) throws {
    let settings = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try settings.decode(Float.self, forKey: .learningRate)
    momentum = try settings.decode(Float.self, forKey: .momentum)
    weightDecay = try settings.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0
    schedule = try settings.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule) ?? .constant
  }
}
