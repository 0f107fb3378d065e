import ConvNet

/// The scores of an epoch in a model file, without times, so that identical runs write identical files.
///
///     {"accuracy":0.9431,"loss":0.1808,"validation_accuracy":0.9798,"validation_loss":0.0701}
public struct EpochScores: Sendable, Equatable, Codable {
  /// The mean training loss, computed during the epoch.
  public let loss: Double
  /// The training accuracy in 0...1, computed during the epoch.
  public let accuracy: Double
  /// The mean validation loss after the epoch's last update; nil without validation.
  public let validationLoss: Double?
  /// The validation accuracy in 0...1 after the epoch's last update; nil without validation.
  public let validationAccuracy: Double?

  private enum CodingKeys: String, CodingKey {
    case loss, accuracy
    case validationLoss = "validation_loss"
    case validationAccuracy = "validation_accuracy"
  }

  /// Takes the means of an epoch's scores.
  public init(training: Score, validation: Score?) {
    (loss, accuracy) = (training.loss, training.accuracy)
    (validationLoss, validationAccuracy) = (validation?.loss, validation?.accuracy)
  }

  /// Whether the numbers are possible; those of an epoch without images are not.
  var isPlausible: Bool {
    let losses = [loss] + (validationLoss.map { [$0] } ?? [])
    let accuracies = [accuracy] + (validationAccuracy.map { [$0] } ?? [])
    return losses.allSatisfy { $0 >= 0 && $0.isFinite } && accuracies.allSatisfy { (0...1).contains($0) }
      && (validationLoss == nil) == (validationAccuracy == nil)
  }

  /// The maximum number of epochs in a model file; of a longer run, the last ones are kept.
  static let maxEpochs = 10_000
}
