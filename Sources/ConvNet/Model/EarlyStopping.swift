/// When a training has learned what it can, as data: a pure function of the epochs so far.
///
///     validation loss   .50  .40  .35  .36  .34  .34  .35  .36        patience 3
///                        *    *    *         * best    1    2    3 -> stop
///
/// `EarlyStopper` puts it to work in `fit`.
public struct EarlyStopping: Sendable, Hashable, Codable {
  /// What is watched.
  public enum Monitor: String, Sendable, Hashable, CaseIterable, Codable {
    /// Mean loss over the validation data; smaller is better.
    case validationLoss = "validation-loss"
    /// Share of the validation data that was right; larger is better.
    case validationAccuracy = "validation-accuracy"
    /// Mean loss over the training data; smaller is better.
    case trainingLoss = "training-loss"
    /// Share of the training data that was right; larger is better.
    case trainingAccuracy = "training-accuracy"
  }

  /// What is watched.
  public var monitor: Monitor
  /// How many epochs in a row may be no better than the best one; the last of them stops the training.
  public var patience: Int
  /// By how much an epoch has to be better to count as better.
  public var minimumDelta: Double
  /// Whether the best epoch's parameters are put back at the end.
  public var restoresBest: Bool

  /// Makes a rule. A patience below 1 works as 1, a minimum delta below 0 as its magnitude.
  public init(
    monitor: Monitor = .validationLoss, patience: Int, minimumDelta: Double = 0, restoresBest: Bool = true
  ) {
    (self.monitor, self.patience) = (monitor, patience)
    (self.minimumDelta, self.restoresBest) = (minimumDelta, restoresBest)
  }

  /// How a training stands.
  public struct Verdict: Sendable, Equatable {
    /// The position of the best epoch among those given; nil where none has a finite score.
    public internal(set) var best: Int?
    /// Epochs since then.
    public internal(set) var waited = 0
    /// Whether the patience is at its end.
    public internal(set) var stops = false
  }

  /// Judges the epochs so far. An epoch without the monitored score, or whose score is not finite, is no better
  /// than any other.
  ///
  /// - Parameter epochs: all of them, in order, also those before a training was resumed.
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
  /// What an epoch is worth, larger being better; nil where it was not measured.
  fileprivate func score(of epoch: History.Epoch) -> Double? {
    switch self {
    case .validationLoss: epoch.validation.map { -$0.loss }
    case .validationAccuracy: epoch.validation?.accuracy
    case .trainingLoss: -epoch.training.loss
    case .trainingAccuracy: epoch.training.accuracy
    }
  }
}
