import ConvNet

/// What came out of an epoch, as model files keep it: nothing that a clock says, so that equal trainings give equal
/// files.
///
///     {"accuracy":0.9431,"loss":0.1808,"validation_accuracy":0.9798,"validation_loss":0.0701}
public struct EpochScores: Sendable, Equatable, Codable {
  /// Mean loss over the images as they were trained on.
  public let loss: Double
  /// Share of them that were right.
  public let accuracy: Double
  /// Mean loss over the validation images after the epoch's last update; nil without validation.
  public let validationLoss: Double?
  /// Share of them that were right.
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

  /// Whether the numbers can be what they say they are; none of those of an empty epoch can.
  var isPlausible: Bool {
    let losses = [loss] + (validationLoss.map { [$0] } ?? [])
    let accuracies = [accuracy] + (validationAccuracy.map { [$0] } ?? [])
    return losses.allSatisfy { $0 >= 0 && $0.isFinite } && accuracies.allSatisfy { (0...1).contains($0) }
      && (validationLoss == nil) == (validationAccuracy == nil)
  }

  /// A training with more epochs keeps the last ones only.
  static let maxEpochs = 10_000
}
