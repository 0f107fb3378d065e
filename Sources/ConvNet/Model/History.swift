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
