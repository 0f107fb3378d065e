import ConvNet

/// The accuracy of always predicting the most frequent class, as the lower bound for a trained model.
package enum ChanceLevel {
  /// The one-sided 1% quantile of the normal distribution.
  private static let quantile = 2.33

  /// Whether the accuracy is not significantly above chance (normal approximation of the binomial test).
  package static func includes(_ confusion: ConfusionMatrix) -> Bool {
    let counts = (0..<confusion.classes).map { Double(confusion.images(of: $0)) }
    let images = counts.reduce(0, +)
    guard images > 0 else { return false }
    let correct = (0..<confusion.classes).map { Double(confusion[$0, $0]) }.reduce(0, +)
    let probability = (counts.max() ?? 0) / images
    let deviation = (images * probability * (1 - probability)).squareRoot()
    return correct <= images * probability + quantile * deviation
  }

  /// A warning with a remedy if a trained model is no better than chance; else nil.
  package static func warning(_ confusion: ConfusionMatrix, accuracy: Double, learningRate: Float) -> String?
  {
    guard includes(confusion) else { return nil }
    let remedy =
      learningRate > Recipe().learningRate
      ? "lower --learning-rate (now \(learningRate))" : "train longer or on more images"
    return "test accuracy \(NumberText.percent(accuracy, 2)) is no better than chance; \(remedy)"
  }
}
