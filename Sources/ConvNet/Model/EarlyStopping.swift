/// A rule that decides when to stop training, as a pure function of the epochs so far.
///
///     validation loss   .50  .40  .35  .36  .34  .34  .35  .36        patience 3
///                        *    *    *         * best    1    2    3 -> stop
///
/// `EarlyStopper` applies it in `fit`.
public struct EarlyStopping: Sendable, Hashable, Codable {
  /// A score to monitor.
  public enum Monitor: String, Sendable, Hashable, CaseIterable, Codable {
    /// The mean loss over the validation data; smaller is better.
    case validationLoss = "validation-loss"
    /// The accuracy on the validation data; larger is better.
    case validationAccuracy = "validation-accuracy"
    /// The mean loss over the training data; smaller is better.
    case trainingLoss = "training-loss"
    /// The accuracy on the training data; larger is better.
    case trainingAccuracy = "training-accuracy"
  }

  /// The monitored score.
  public var monitor: Monitor
  /// The number of consecutive epochs without improvement after which training stops.
  public var patience: Int
  /// An improvement over the best score must exceed this amount.
  public var minimumDelta: Double
  /// Whether `EarlyStopper` keeps the parameters of the best epoch, for `restoreBest()`.
  public var keepsBest: Bool

  private enum CodingKeys: String, CodingKey {
    case monitor, patience, minimumDelta
    case keepsBest = "restoresBest"
  }

  /// Creates a rule. A patience below 1 is treated as 1, a negative minimum delta as its magnitude.
  public init(
    monitor: Monitor = .validationLoss, patience: Int, minimumDelta: Double = 0, keepsBest: Bool = true
  ) {
    (self.monitor, self.patience) = (monitor, patience)
    (self.minimumDelta, self.keepsBest) = (minimumDelta, keepsBest)
  }

  /// The result of applying a rule to a number of epochs.
  public struct Verdict: Sendable, Equatable {
    /// The index of the best epoch; nil when no epoch has a finite score.
    public internal(set) var best: Int?
    /// The number of epochs since the best epoch; all epochs if there is no best one.
    public internal(set) var waited = 0
    /// Whether training should stop.
    public internal(set) var stops = false
  }

  /// Applies the rule to the epochs so far. An epoch whose monitored score is missing or not finite never
  /// counts as an improvement.
  ///
  /// - Parameter epochs: all epochs in order, including those before training was resumed.
  /// - Complexity: O(number of epochs).
  public func verdict(on epochs: [History.Epoch]) -> Verdict {
    var verdict = Verdict()
    var bestScore = -Double.infinity
    for (index, epoch) in epochs.enumerated() {
      let score = monitor.score(of: epoch) ?? .nan
      if score.isFinite, verdict.best == nil || score > bestScore + minimumDelta.magnitude {
        (verdict.best, verdict.waited, bestScore) = (index, 0, score)
      } else {
        verdict.waited += 1
      }
    }
    verdict.stops = verdict.waited >= max(patience, 1)
    return verdict
  }
}

extension EarlyStopping.Monitor {
  /// The monitored score of an epoch, with the sign that makes larger better; nil when it was not measured.
  fileprivate func score(of epoch: History.Epoch) -> Double? {
    switch self {
    case .validationLoss: epoch.validation.map { -$0.loss }
    case .validationAccuracy: epoch.validation?.accuracy
    case .trainingLoss: -epoch.training.loss
    case .trainingAccuracy: epoch.training.accuracy
    }
  }
}
