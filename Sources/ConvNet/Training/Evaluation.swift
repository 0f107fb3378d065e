import Im2col

/// What a model said about one image.
public struct ImagePrediction: Sendable, Equatable {
  /// The target's class; the first of the largest where a target is a distribution.
  public let label: Int
  /// The class of the model's largest output, the first of equal ones.
  public let predicted: Int
  /// How sure the model is of its prediction: the prediction's softmax, 0 to 1.
  public let probability: Float

  /// Keeps an prediction.
  public init(label: Int, predicted: Int, probability: Float) {
    (self.label, self.predicted, self.probability) = (label, predicted, probability)
  }

  /// Whether the model was right.
  public var isCorrect: Bool { label == predicted }
}

/// A model's predictions to all images of a set, from one pass over them.
public struct Evaluation: Sendable, Equatable {
  /// What `evaluate` gives, bit by bit.
  public let score: Score
  /// One an image, in the order of the data.
  public let predictions: [ImagePrediction]
  /// The predictions, counted.
  public let confusion: ConfusionMatrix

  /// Counts predictions.
  init(score: Score, predictions: [ImagePrediction], counted confusion: ConfusionMatrix) {
    (self.score, self.predictions) = (score, predictions)
    var confusion = confusion
    for prediction in predictions { confusion.add(label: prediction.label, prediction: prediction.predicted) }
    self.confusion = confusion
  }
}
