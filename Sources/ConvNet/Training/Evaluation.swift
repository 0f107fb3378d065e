import Im2col

/// The prediction for one image.
public struct ImagePrediction: Sendable, Equatable {
  /// The target class; the first largest one if the target is a distribution.
  public let label: Int
  /// The class of the largest output, the first one of ties.
  public let predicted: Int
  /// The softmax probability of the predicted class, in `0...1`.
  public let probability: Float

  /// Creates a prediction.
  public init(label: Int, predicted: Int, probability: Float) {
    (self.label, self.predicted, self.probability) = (label, predicted, probability)
  }

  /// Whether the predicted class is the label.
  public var isCorrect: Bool { label == predicted }
}

/// The score of a model on a data set, with the prediction for every image.
public struct Evaluation: Sendable, Equatable {
  /// The same score as that of `evaluate`, to the bit.
  public let score: Score
  /// One prediction per image, in the order of the data.
  public let predictions: [ImagePrediction]
  /// The counts of the predictions by label.
  public let confusion: ConfusionMatrix

  /// Adds the predictions to a confusion matrix of zeros.
  init(score: Score, predictions: [ImagePrediction], confusion zeros: ConfusionMatrix) {
    (self.score, self.predictions) = (score, predictions)
    var confusion = zeros
    for prediction in predictions { confusion.add(label: prediction.label, prediction: prediction.predicted) }
    self.confusion = confusion
  }
}
