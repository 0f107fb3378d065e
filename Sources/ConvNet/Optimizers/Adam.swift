import Glibc

/// The Adam optimizer, and with a weight decay AdamW.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization", arXiv 1412.6980, in the form at the end of
/// section 2: the bias corrections of both moments are part of the step size. AdamW: Loshchilov and Hutter,
/// "Decoupled weight decay regularization", arXiv 1711.05101, algorithm 2.
///
///     rate = learningRate * schedule.factor(at: t)
///     parameter -= rate * weightDecay * parameter
///     m = beta1 * m + (1 - beta1) * g
///     v = beta2 * v + (1 - beta2) * g * g
///     parameter -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
///
/// As in PyTorch and Keras, the decay is scaled by the learning rate and does not enter the moments. It
/// applies to all parameters, including biases.
public struct Adam: Sendable, Hashable, Codable {
  /// The learning rate.
  public var learningRate: Float
  /// The decay rate of the first moment.
  public var beta1: Float
  /// The decay rate of the second moment.
  public var beta2: Float
  /// The constant added to the denominator; 1e-7 in Keras, 1e-8 in TensorFlow 1.
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
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7,
    weightDecay: Float = 0, schedule: LearningRateSchedule = .constant, clipNorm: Float? = nil
  ) {
    (self.learningRate, self.beta1, self.beta2, self.epsilon) = (learningRate, beta1, beta2, epsilon)
    (self.weightDecay, self.schedule, self.clipNorm) = (weightDecay, schedule, clipNorm)
  }

  /// Decodes settings; the weight decay is 0 and the schedule constant if the file does not contain them.
  public init(from decoder: any Decoder) throws {
    let settings = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try settings.decode(Float.self, forKey: .learningRate)
    beta1 = try settings.decode(Float.self, forKey: .beta1)
    beta2 = try settings.decode(Float.self, forKey: .beta2)
    epsilon = try settings.decode(Float.self, forKey: .epsilon)
    weightDecay = try settings.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0
    schedule = try settings.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule) ?? .constant
    clipNorm = try settings.decodeIfPresent(Float.self, forKey: .clipNorm)
  }

  /// Returns the factor of `m / (sqrt(v) + epsilon)` in update `t`, from 1.
  func step(_ t: Int) -> Float {
    let (b1, b2) = (pow(Double(beta1), Double(t)), pow(Double(beta2), Double(t)))
    return Float(Double(learningRate) * schedule.factor(at: t) * (1 - b2).squareRoot() / (1 - b1))
  }

  /// Returns the fraction of every parameter that update `t`, from 1, subtracts.
  func decay(_ t: Int) -> Float {
    weightDecay == 0 ? 0 : Float(Double(learningRate) * schedule.factor(at: t) * Double(weightDecay))
  }
}
