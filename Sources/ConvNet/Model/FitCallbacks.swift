/// A callback's decision whether `fit` continues.
public enum FitDecision: Sendable, Hashable {
  /// Continue training.
  case `continue`
  /// Return from `fit` and keep the parameters as they are.
  case stop
}

/// The scores after one training batch.
public struct BatchReport: Sendable, Equatable {
  /// The index of the epoch, from 0.
  public let epoch: Int
  /// The index of the batch in its epoch, from 0.
  public let batch: Int
  /// The number of batches in this epoch.
  public let batches: Int
  /// The score of this batch before its update.
  public let score: Score
  /// The score of the epoch so far.
  public let running: Score
}

/// Functions that `fit` calls between batches and epochs, on the thread that called `fit`.
public struct FitCallbacks {
  /// Called after every batch.
  public var onBatch: ((BatchReport) -> FitDecision)?
  /// Called after every epoch, when its validation is done.
  public var onEpoch: ((History.Epoch) -> FitDecision)?
  /// Whether training should end after the current batch.
  var isCancelled: () -> Bool = { Task.isCancelled }

  /// Creates callbacks.
  public init(
    onBatch: ((BatchReport) -> FitDecision)? = nil, onEpoch: ((History.Epoch) -> FitDecision)? = nil
  ) {
    (self.onBatch, self.onEpoch) = (onBatch, onEpoch)
  }
}
