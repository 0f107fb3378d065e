/// The loss and the number of correct predictions of a number of images, as sums that can be added.
public struct Score: Sendable, Equatable {
  /// The sum of the losses.
  public var lossSum: Double = 0
  /// The number of images whose largest output is at the target class.
  public var correct: Int = 0
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

  /// Adds the score of other images.
  public static func += (total: inout Score, part: Score) {
    total.lossSum += part.lossSum
    total.correct += part.correct
    total.images += part.images
  }
}
