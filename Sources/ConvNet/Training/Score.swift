/// What a model's answers to some images were worth; sums, so that parts can be added in a fixed order.
public struct Score: Sendable, Equatable {
  /// Sum of the losses.
  public var lossSum: Double = 0
  /// Images whose largest output was at the target's class.
  public var correct: Int = 0
  /// Images looked at.
  public var images: Int = 0

  /// The score of no images.
  public init() {}

  /// A score that is known, for instance from a checkpoint.
  public init(lossSum: Double, correct: Int, images: Int) {
    (self.lossSum, self.correct, self.images) = (lossSum, correct, images)
  }

  /// Mean loss; NaN when there are no images.
  public var loss: Double { lossSum / Double(images) }
  /// Share of images that were right; NaN when there are no images.
  public var accuracy: Double { Double(correct) / Double(images) }

  /// Adds a part.
  public static func += (total: inout Score, part: Score) {
    total.lossSum += part.lossSum
    total.correct += part.correct
    total.images += part.images
  }
}
