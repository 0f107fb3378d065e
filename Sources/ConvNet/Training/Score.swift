/// The loss and the metrics of a number of images, as sums that can be added.
public struct Score: Sendable, Equatable {
  /// The sum of the losses.
  public var lossSum: Double = 0
  /// The number of images whose largest output is at the target class; see `Metric.accuracy`.
  public var correct: Int = 0
  /// The number of images whose target class is among the five largest outputs; 0 unless `compile` names the metric.
  public var topFiveCorrect: Int = 0
  /// The sum of the images' fractions of outputs on the target's side of one half; 0 unless `compile` names the metric.
  public var binaryAccuracySum: Double = 0
  /// The sum of the images' mean absolute errors; 0 unless `compile` names the metric.
  public var absoluteErrorSum: Double = 0
  /// The number of images.
  public var images: Int = 0

  /// Creates the score of no images.
  public init() {}

  /// Creates a score, for example from a checkpoint.
  public init(lossSum: Double, correct: Int, images: Int) {
    (self.lossSum, self.correct, self.images) = (lossSum, correct, images)
  }

  /// The mean loss; NaN if there are no images.
  public var loss: Double { lossSum / Double(images) }
  /// The fraction of correct predictions; NaN if there are no images.
  public var accuracy: Double { Double(correct) / Double(images) }

  /// Returns the value of a metric that was passed to `compile`; NaN if there are no images.
  public func value(of metric: Metric) -> Double {
    switch metric {
    case .accuracy: accuracy
    case .binaryAccuracy: binaryAccuracySum / Double(images)
    case .topFiveAccuracy: Double(topFiveCorrect) / Double(images)
    case .meanAbsoluteError: absoluteErrorSum / Double(images)
    }
  }

  /// Adds the score of other images.
  public static func += (total: inout Score, part: Score) {
    total.lossSum += part.lossSum
    total.correct += part.correct
    total.topFiveCorrect += part.topFiveCorrect
    total.binaryAccuracySum += part.binaryAccuracySum
    total.absoluteErrorSum += part.absoluteErrorSum
    total.images += part.images
  }
}
