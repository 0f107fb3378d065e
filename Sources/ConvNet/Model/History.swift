import Im2col

/// What `fit` saw, epoch by epoch.
public struct History: Sendable, Equatable {
  /// One finished epoch.
  public struct Epoch: Sendable, Equatable {
    /// Counted from 0.
    public let epoch: Int
    /// Over the images as they were trained on: each batch before its update.
    public let training: Score
    /// Over the validation data after the epoch's last update.
    public let validation: Score?

    /// Wraps numbers, for instance those of a checkpoint.
    public init(epoch: Int, training: Score, validation: Score?) {
      (self.epoch, self.training, self.validation) = (epoch, training, validation)
    }
  }

  /// Why `fit` returned.
  public enum End: String, Sendable, Hashable {
    /// All epochs are done.
    case finished
    /// A callback said so.
    case stopped
    /// The task was cancelled.
    case cancelled
  }

  /// The finished epochs in order.
  public internal(set) var epochs: [Epoch] = []
  /// Why `fit` returned.
  public internal(set) var end: End = .finished
}

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
