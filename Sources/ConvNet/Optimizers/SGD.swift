/// Stochastic gradient descent with momentum, as in Keras, and with weight decay as in Krizhevsky, Sutskever
/// and Hinton, "ImageNet classification with deep convolutional neural networks", section 5.
///
///     rate = learningRate * schedule.factor(at: t)
///     velocity = momentum * velocity - rate * (g + weightDecay * parameter)
///     parameter += velocity                                        nesterov: momentum * velocity - rate * (...)
///
/// With `nesterov`, the parameters move by the velocity that the next update would have with the same gradient:
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
/// ICML 2013, in the form of Keras. PyTorch's velocity is this one divided by minus the rate, so both agree as
/// long as the rate is constant.
///
/// The decay is the gradient of `weightDecay / 2 * |parameters|^2`. Unlike that of `Adam`, it is part of the
/// velocity. It applies to all parameters, including biases.
public struct SGD: Sendable, Hashable, Codable {
  /// The learning rate.
  public var learningRate: Float
  /// The momentum: the factor of the previous velocity; 0 requires no state.
  public var momentum: Float
  /// Whether the momentum is Nesterov's; needs a momentum above 0.
  public var nesterov: Bool
  /// The weight decay: the factor of the parameters that is added to the gradient.
  public var weightDecay: Float
  /// The schedule of the learning rate.
  public var schedule: LearningRateSchedule
  /// The largest norm of the gradient of all parameters together; a larger gradient is scaled to it. nil for no
  /// limit. Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", arXiv
  /// 1211.5063, section 3.2.
  public var clipNorm: Float?

  /// Creates settings. `compile` and `Optimizer.update` validate them.
  public init(
    learningRate: Float = 0.01, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0,
    schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil
  ) {
    (self.learningRate, self.momentum, self.nesterov) = (learningRate, momentum, nesterov)
    (self.weightDecay, self.schedule, self.clipNorm) = (weightDecay, schedule, clipNorm)
  }

  private enum CodingKeys: String, CodingKey {
    case learningRate, momentum, nesterov, weightDecay, schedule, clipNorm
  }

  /// Decodes settings; the weight decay is 0, the schedule constant and the momentum not Nesterov's if the file
  /// does not contain them.
  public init(from decoder: any Decoder) throws {
    let settings = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try settings.decode(Float.self, forKey: .learningRate)
    momentum = try settings.decode(Float.self, forKey: .momentum)
    nesterov = try settings.decodeIfPresent(Bool.self, forKey: .nesterov) ?? false
    weightDecay = try settings.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0
    schedule = try settings.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule) ?? .constant
    clipNorm = try settings.decodeIfPresent(Float.self, forKey: .clipNorm)
  }

  /// Encodes settings; without Nesterov's momentum as in files of version 0.1.0.
  public func encode(to encoder: any Encoder) throws {
    var settings = encoder.container(keyedBy: CodingKeys.self)
    try settings.encode(learningRate, forKey: .learningRate)
    try settings.encode(momentum, forKey: .momentum)
    if nesterov { try settings.encode(nesterov, forKey: .nesterov) }
    try settings.encode(weightDecay, forKey: .weightDecay)
    try settings.encode(schedule, forKey: .schedule)
    try settings.encodeIfPresent(clipNorm, forKey: .clipNorm)
  }
}
