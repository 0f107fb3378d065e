import Glibc

/// A schedule of the learning rate: a factor that depends only on the number of the update.
///
///     1 |    ___                    ___                    ___
///       |   /   \                  /   |___               /
///       |  /     \.               /        |___          /
///     0 |_/        `--           /             |_       /
///         warmup, cosine        warmup, step           warmup, constant
///
/// The factor is multiplied by the learning rate of the optimizer.
///
///     try model.compile(
///       optimizer: .adam(learningRate: 0.002, schedule: .cosine(over: 30_000, warmup: 1_500)))
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  /// The shape of a schedule after the warmup.
  public enum Shape: Sendable, Hashable, Codable {
    /// A factor of 1.
    case constant
    /// A factor that is multiplied by `factor` after every `every` updates.
    case step(every: Int, factor: Double)
    /// Half a cosine from 1 to `end` over a number of updates, then `end`.
    case cosine(updates: Int, end: Double)
  }

  /// The shape after the warmup.
  public var shape: Shape
  /// The number of updates before the shape, in which the factor increases linearly to 1; 0 for no warmup.
  public var warmup: Int

  /// Creates a schedule. `compile` and `Optimizer.update` validate it.
  public init(_ shape: Shape, warmup: Int = 0) {
    (self.shape, self.warmup) = (shape, warmup)
  }

  /// A constant learning rate.
  public static let constant = LearningRateSchedule(.constant)

  /// A constant learning rate after a warmup.
  public static func constant(warmup: Int) -> LearningRateSchedule {
    LearningRateSchedule(.constant, warmup: warmup)
  }

  /// A learning rate that is multiplied by `factor` after every `updates` updates.
  public static func step(every updates: Int, factor: Double = 0.1, warmup: Int = 0) -> LearningRateSchedule {
    LearningRateSchedule(.step(every: updates, factor: factor), warmup: warmup)
  }

  /// Cosine annealing without restarts: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm
  /// restarts", arXiv 1608.03983, equation 5.
  ///
  /// - Parameters:
  ///   - updates: the number of updates from the full rate to the final rate, not counting the warmup.
  ///   - end: the final factor.
  ///   - warmup: the number of updates of the warmup.
  public static func cosine(over updates: Int, end: Double = 0, warmup: Int = 0) -> LearningRateSchedule {
    LearningRateSchedule(.cosine(updates: updates, end: end), warmup: warmup)
  }

  /// Returns the factor of the learning rate for an update.
  ///
  ///     warmup     t / warmup                                           t = 1 ... warmup
  ///     step       factor ^ floor(n / every)                            n = t - 1 - warmup, from 0
  ///     cosine     end + (1 - end) * (1 + cos(pi * n / updates)) / 2    up to n = updates
  ///
  /// - Parameter update: the number of the update, from 1.
  /// - Precondition: `update` is at least 1, and the schedule is valid.
  public func factor(at update: Int) -> Double {
    precondition(update >= 1, "update \(update) must be at least 1")
    guard update > warmup else { return Double(update) / Double(warmup) }
    let done = update - 1 - warmup
    switch shape {
    case .constant:
      return 1
    case .step(let every, let factor):
      return pow(factor, Double(done / every))
    case .cosine(let updates, let end):
      guard done < updates else { return end }
      let factor = (1 + cos(.pi * Double(done) / Double(updates))) / 2
      return end + (1 - end) * factor
    }
  }

  /// A description of the first setting that is out of range; nil if the schedule is valid.
  var validationError: String? {
    if warmup < 0 { return "the warmup takes \(warmup) updates; it must not be negative" }
    switch shape {
    case .constant:
      return nil
    case .step(let every, let factor):
      if every < 1 { return "the rate steps every \(every) updates; it must be at least 1" }
      return (0...1).contains(factor) ? nil : "the factor of a step is \(factor); it must lie in 0...1"
    case .cosine(let updates, let end):
      if updates < 1 { return "the cosine takes \(updates) updates; it must be at least 1" }
      return (0...1).contains(end) ? nil : "the cosine ends at \(end) of the rate; it must lie in 0...1"
    }
  }
}
