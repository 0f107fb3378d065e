import Im2col

/// What a model said about one image.
public struct Answer: Sendable, Equatable {
  /// The target's class; the first of the largest where a target is a distribution.
  public let label: Int
  /// The class of the model's largest output, the first of equal ones.
  public let prediction: Int
  /// How sure the model is of its prediction: the prediction's softmax, 0 to 1.
  public let probability: Float

  /// Keeps an answer.
  public init(label: Int, prediction: Int, probability: Float) {
    (self.label, self.prediction, self.probability) = (label, prediction, probability)
  }

  /// Whether the model was right.
  public var isRight: Bool { label == prediction }
}

/// A model's answers to all images of a set, from one pass over them.
public struct Evaluation: Sendable, Equatable {
  /// What `evaluate` gives, bit by bit.
  public let score: Score
  /// One an image, in the order of the data.
  public let answers: [Answer]
  /// The answers, counted.
  public let confusion: ConfusionMatrix

  /// Counts answers.
  init(score: Score, answers: [Answer], counted confusion: ConfusionMatrix) {
    (self.score, self.answers) = (score, answers)
    var confusion = confusion
    for answer in answers { confusion.add(label: answer.label, prediction: answer.prediction) }
    self.confusion = confusion
  }
}

extension Sequential {
  /// Loss and accuracy over a data set like `evaluate`, and with them the answer to every image.
  ///
  ///     let evaluation = try model.evaluateEach(dataset.test)
  ///     let doubtful = evaluation.answers.indices.filter { evaluation.answers[$0].probability < 0.5 }
  ///     for mistake in evaluation.confusion.worstConfusions(3) { ... }
  ///
  /// - Throws: `EngineError.shape` when the data are not for this model, empty, or more than memory can hold.
  /// - Complexity: that of `evaluate`, and 24 bytes an image.
  public func evaluateEach(_ data: some TrainingData) throws(EngineError) -> Evaluation {
    try requireData(data)
    let confusion = try ConfusionMatrix(classes: data.targetCount)
    let floats = MemoryLayout<Answer>.stride / MemoryLayout<Float>.stride
    _ = try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.elementCount(of: [data.count, floats], named: "list of answers")
    }
    var answers = [Answer](
      repeating: Answer(label: 0, prediction: 0, probability: 0), count: data.count)
    let score = try answers.withUnsafeMutableBufferPointer { (answers) throws(EngineError) in
      try evaluate(data, answers: answers.baseAddress)
    }
    return Evaluation(score: score, answers: answers, counted: confusion)
  }
}
