import Im2col

/// The scores of a training run, epoch by epoch.
public struct History: Sendable, Equatable {
  /// One completed epoch.
  public struct Epoch: Sendable, Equatable {
    /// The index of the epoch, from 0.
    public let epoch: Int
    /// The score on the training data, where each batch is scored before its update.
    public let training: Score
    /// The score on the validation data after the last update of the epoch; nil without validation data.
    public let validation: Score?

    /// Creates an epoch, for example from a checkpoint.
    public init(epoch: Int, training: Score, validation: Score?) {
      (self.epoch, self.training, self.validation) = (epoch, training, validation)
    }
  }

  /// The reason why `fit` returned.
  public enum End: String, Sendable, Hashable {
    /// All epochs are completed.
    case completed = "finished"
    /// A callback returned `.stop`.
    case stopped
    /// The task was cancelled.
    case cancelled
  }

  /// The completed epochs in order.
  public internal(set) var epochs: [Epoch] = []
  /// The reason why `fit` returned.
  public internal(set) var end: End = .completed
}
