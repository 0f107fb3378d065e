/// What a callback wants next.
public enum FitDecision: Sendable, Hashable {
  /// Go on.
  case `continue`
  /// Return from `fit`; what was learned stays.
  case stop
}

/// A batch that has just been trained on.
public struct BatchReport: Sendable, Equatable {
  /// Counted from 0.
  public let epoch: Int
  /// Counted from 0.
  public let batch: Int
  /// Batches in this epoch.
  public let batches: Int
  /// Loss and correct of this batch, before its update.
  public let score: Score
  /// The same over the epoch so far.
  public let running: Score
}

/// Functions that `fit` calls on its own thread between batches and epochs.
public struct FitCallbacks {
  /// After every batch.
  public var onBatch: ((BatchReport) -> FitDecision)?
  /// After every epoch and its validation.
  public var onEpoch: ((History.Epoch) -> FitDecision)?

  /// Makes callbacks.
  public init(
    onBatch: ((BatchReport) -> FitDecision)? = nil, onEpoch: ((History.Epoch) -> FitDecision)? = nil
  ) {
    (self.onBatch, self.onEpoch) = (onBatch, onEpoch)
  }
}
