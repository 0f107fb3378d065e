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

extension Sequential {
  /// Loss and accuracy over a data set like `evaluate`, and with them the prediction to every image.
  ///
  ///     let evaluation = try model.evaluateEach(dataset.test)
  ///     let doubtful = evaluation.predictions.indices.filter { evaluation.predictions[$0].probability < 0.5 }
  ///     for mistake in evaluation.confusion.worstConfusions(3) { ... }
  ///
  /// - Throws: `EngineError.shape` when the data are not for this model, empty, or more than memory can hold.
  /// - Complexity: that of `evaluate`, and 24 bytes an image.
  public func evaluateEach(_ data: some TrainingData) throws(EngineError) -> Evaluation {
    try requireData(data)
    let confusion = try ConfusionMatrix(classes: data.targetCount)
    let floats = MemoryLayout<ImagePrediction>.stride / MemoryLayout<Float>.stride
    _ = try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.elementCount(of: [data.count, floats], named: "list of predictions")
    }
    var predictions = [ImagePrediction](
      repeating: ImagePrediction(label: 0, predicted: 0, probability: 0), count: data.count)
    let score = try predictions.withUnsafeMutableBufferPointer { (predictions) throws(EngineError) in
      try evaluate(data, predictions: predictions.baseAddress)
    }
    return Evaluation(score: score, predictions: predictions, counted: confusion)
  }
}
