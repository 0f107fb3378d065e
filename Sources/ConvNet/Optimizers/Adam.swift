#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Kingma and Ba, "Adam: a method for stochastic optimization", arXiv 1412.6980, section 2, last
/// paragraph: the corrections of both moments are folded into the step. With a weight decay it is AdamW:
/// Loshchilov and Hutter, "Decoupled weight decay regularization", arXiv 1711.05101, algorithm 2.
///
///     rate = learningRate * schedule.factor(at: t)
///     parameter -= rate * weightDecay * parameter
///     m = beta1 * m + (1 - beta1) * g
///     v = beta2 * v + (1 - beta2) * g * g
///     parameter -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
///
/// As in PyTorch's and Keras' AdamW the decay is scaled by the rate, the gradient's moments do not see it, and
/// all parameters decay, biases too.
public struct Adam: Sendable, Hashable, Codable {
  /// Size of a step.
  public var learningRate: Float
  /// How much of the mean is kept.
  public var beta1: Float
  /// How much of the mean square is kept.
  public var beta2: Float
  /// Keeps the quotient finite; Keras' 1e-7, TensorFlow 1's 1e-8.
  public var epsilon: Float
  /// How fast parameters shrink by themselves: the share an update takes away is `rate * weightDecay`.
  public var weightDecay: Float
  /// How the learning rate changes from update to update.
  public var schedule: LearningRateSchedule

  /// Makes settings; checked where they are used.
  public init(
    learningRate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-7,
    weightDecay: Float = 0, schedule: LearningRateSchedule = .constant
  ) {
    (self.learningRate, self.beta1, self.beta2, self.epsilon) = (learningRate, beta1, beta2, epsilon)
    (self.weightDecay, self.schedule) = (weightDecay, schedule)
  }

  /// Reads settings; those from before there was a decay and a schedule have neither.
  public init(from decoder: any Decoder) throws {
    let settings = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try settings.decode(Float.self, forKey: .learningRate)
    beta1 = try settings.decode(Float.self, forKey: .beta1)
    beta2 = try settings.decode(Float.self, forKey: .beta2)
    epsilon = try settings.decode(Float.self, forKey: .epsilon)
    weightDecay = try settings.decodeIfPresent(Float.self, forKey: .weightDecay) ?? 0
    schedule = try settings.decodeIfPresent(LearningRateSchedule.self, forKey: .schedule) ?? .constant
  }

  /// The factor of `m / (sqrt(v) + epsilon)` in update `t`, counted from 1.
  func step(_ t: Int) -> Float {
    let (b1, b2) = (pow(Double(beta1), Double(t)), pow(Double(beta2), Double(t)))
    return Float(Double(learningRate) * schedule.factor(at: t) * (1 - b2).squareRoot() / (1 - b1))
  }

  /// The share of every parameter that update `t`, counted from 1, takes away.
  func decay(_ t: Int) -> Float {
    weightDecay == 0 ? 0 : Float(Double(learningRate) * schedule.factor(at: t) * Double(weightDecay))
  }
}
