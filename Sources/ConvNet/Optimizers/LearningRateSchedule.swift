#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the learning rate changes from update to update, as data.
///
///     1 |    ___                    ___                    ___
///       |   /   \                  /   |___               /
///       |  /     \.               /        |___          /
///     0 |_/        `--           /             |_       /
///         warm-up, cosine       warm-up, step          warm-up, constant
///
/// It is a factor of the optimizer's own rate and follows from the number of the update alone, so a training
/// that is resumed needs nothing but that number.
///
///     try model.compile(optimizer: .adam(learningRate: 0.002, schedule: .cosine(over: 30_000, warmup: 1_500)))
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  /// What comes after the warm-up.
  public enum Shape: Sendable, Hashable, Codable {
    /// Always 1.
    case constant
    /// `factor` to the power of how often `every` updates have passed.
    case step(every: Int, factor: Double)
    /// Half a cosine from 1 to `end` over so many updates, then `end`.
    case cosine(updates: Int, end: Double)
  }

  /// What comes after the warm-up.
  public var shape: Shape
  /// The first updates, in which the factor rises in equal steps to 1; 0 for none. The shape begins behind them.
  public var warmup: Int

  /// Makes a schedule; checked where it is used.
  public init(_ shape: Shape, warmup: Int = 0) {
    (self.shape, self.warmup) = (shape, warmup)
  }

  /// The same rate for ever.
  public static let constant = LearningRateSchedule(.constant)

  /// The same rate for ever, behind a warm-up of so many updates.
  public static func constant(warmup: Int) -> LearningRateSchedule {
    LearningRateSchedule(.constant, warmup: warmup)
  }

  /// The rate is multiplied by `factor` after every so many updates.
  public static func step(every updates: Int, factor: Double = 0.1, warmup: Int = 0) -> LearningRateSchedule {
    LearningRateSchedule(.step(every: updates, factor: factor), warmup: warmup)
  }

  /// Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", arXiv 1608.03983,
  /// equation 5, without restarts.
  ///
  /// - Parameters:
  ///   - updates: how many lead from the full rate to its end, the warm-up not counted.
  ///   - end: the share of the rate that is left then.
  ///   - warmup: updates before them.
  public static func cosine(over updates: Int, end: Double = 0, warmup: Int = 0) -> LearningRateSchedule {
    LearningRateSchedule(.cosine(updates: updates, end: end), warmup: warmup)
  }

  /// The share of the optimizer's rate that an update gets.
  ///
  ///     warm-up    t / warmup                                           t = 1 ... warmup
  ///     step       factor ^ floor(n / every)                            n = t - 1 - warmup, from 0
  ///     cosine     end + (1 - end) * (1 + cos(pi * n / updates)) / 2    up to n = updates
  ///
  /// - Parameter update: its number, counted from 1.
  /// - Precondition: `update` is at least 1, and the schedule passed an optimizer's checks.
  public func factor(at update: Int) -> Double {
    precondition(update >= 1, "updates count from 1, so there is no update \(update)")
    guard update > warmup else { return Double(update) / Double(warmup) }
    let done = update - 1 - warmup
    switch shape {
    case .constant:
      return 1
    case .step(let every, let factor):
      return pow(factor, Double(done / every))
    case .cosine(let updates, let end):
      guard done < updates else { return end }
      let rest = (1 + cos(.pi * Double(done) / Double(updates))) / 2
      return end + (1 - end) * rest
    }
  }

  /// What makes no sense in this schedule, in words.
  var validationError: String? {
    if warmup < 0 { return "the warm-up takes \(warmup) updates; it must not be negative" }
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
