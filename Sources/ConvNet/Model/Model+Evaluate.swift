import Im2col

extension Model {
  /// Returns the loss and accuracy on a data set. The model need not be compiled.
  ///
  /// - Throws: `EngineError.shape` when the data are empty, do not match the model, or exceed memory; `.data`
  ///   when an image makes no sense; `.inUse` when another thread is using the model.
  public func evaluate(_ data: some TrainingData) throws(EngineError) -> Score {
    try requireData(data)
    return try evaluate(data, predictions: nil)
  }

  /// Evaluates validated data; writes one prediction per image if there is a buffer for them.
  func evaluate(
    _ data: some TrainingData, predictions: UnsafeMutablePointer<ImagePrediction>?
  ) throws(EngineError) -> Score {
    try use.exclusively { () throws(EngineError) in
      try executor.evaluate(
        Batch(data: data, order: nil, first: 0, count: data.count), storage, predictions: predictions)
    }
  }

  /// Returns the loss and accuracy on images and one-hot targets.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - targets: `[batch, classes]`.
  /// - Throws: `EngineError.shape` when the shapes do not match the model, or the batch is empty.
  public func evaluate(_ images: Tensor, _ targets: Tensor) throws(EngineError) -> Score {
    try evaluate(TensorData(images, targets))
  }

  /// Returns the loss and accuracy on a data set, as `evaluate` does, and the prediction for every image.
  ///
  ///     let evaluation = try model.evaluateEach(dataset.test)
  ///     let uncertain = evaluation.predictions.filter { $0.probability < 0.5 }
  ///     for confusion in evaluation.confusion.mostFrequentConfusions(3) { ... }
  ///
  /// - Throws: `EngineError.shape` when the data are empty, do not match the model, or exceed memory; `.data`
  ///   when an image makes no sense; `.inUse` when another thread is using the model.
  /// - Complexity: that of `evaluate`, plus 24 bytes per image.
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
    return Evaluation(score: score, predictions: predictions, confusion: confusion)
  }

  /// Checks that a data set matches the model and is not empty.
  func requireData(_ data: some TrainingData) throws(EngineError) {
    guard data.imageShape == inputShape else {
      throw .shape(.mismatch("an image of the data", expected: inputShape, actual: data.imageShape))
    }
    guard data.targetCount == plan.outputCount else {
      throw .shape(
        .mismatch("a target of the data", expected: [plan.outputCount], actual: [data.targetCount]))
    }
    guard data.count > 0 else {
      throw .shape(
        .notPositive("the number of images (the loss of an empty batch has no value)", value: data.count))
    }
    guard data.count <= Int(Int32.max) else {
      throw .shape(.tooLarge("the number of images", value: data.count))
    }
  }
}
