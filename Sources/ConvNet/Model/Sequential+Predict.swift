import Im2col

extension Sequential {
  /// The model's outputs for images.
  ///
  /// - Parameter images: `[batch, height, width, channels]`; the batch may be empty.
  /// - Returns: `[batch, classes]`: probabilities where the model ends in softmax.
  /// - Throws: `EngineError.shape` when the images are not what the model takes, or memory cannot hold
  ///   their outputs.
  public func predict(_ images: Tensor) throws(EngineError) -> Tensor {
    let batch = try requireImages(images)
    if batch > 0 {
      let executor = try executor
      try EngineError.shapes { () throws(ShapeError) in
        try executor.requireRoom(predicting: batch)
        _ = try ShapeError.elementCount(of: [batch] + outputShape, named: "output")
      }
    }
    var output = Tensor(zeros: [batch] + outputShape)
    try predict(images, into: &output)
    return output
  }

  /// The same into storage that the caller owns. On the micro-batch schedule (small images and layers) nothing is
  /// allocated after the first call; the layer-by-layer schedule makes memory anew for a size not among those seen last.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - output: `[batch, classes]`; overwritten.
  /// - Throws: `EngineError.shape` when a shape is another, or memory cannot hold the layers' outputs;
  ///   nothing is written then.
  public func predict(_ images: Tensor, into output: inout Tensor) throws(EngineError) {
    let batch = try requireImages(images)
    guard output.shape.count == 1 + outputShape.count, output.shape.first == batch,
      output.shape.dropFirst().elementsEqual(outputShape)
    else {
      throw .shape(.mismatch("the output", expected: [batch] + outputShape, actual: output.shape))
    }
    guard batch > 0 else { return }
    let executor = try executor
    try EngineError.shapes { () throws(ShapeError) in
      try images.withUnsafeScalars { (images) throws(ShapeError) in
        try output.withUnsafeMutableScalars { (output) throws(ShapeError) in
          try executor.predict(images: batch, input: images, parameters: storage.start, into: output)
        }
      }
    }
  }

  /// How many images a tensor holds, if it holds images for this model.
  func requireImages(_ images: Tensor) throws(EngineError) -> Int {
    guard let batch = images.shape.first, images.shape.dropFirst().elementsEqual(inputShape) else {
      throw .shape(
        .mismatch("the images", expected: [images.shape.first ?? 1] + inputShape, actual: images.shape))
    }
    return batch
  }

  /// Loss and accuracy over a data set, in its own order. The model need not be compiled.
  ///
  /// - Throws: `EngineError.shape` when the data are not for this model, empty, or more than memory can hold.
  public func evaluate(_ data: some TrainingData) throws(EngineError) -> Score {
    try requireData(data)
    return try evaluate(data, predictions: nil)
  }

  /// Loss and accuracy over data that have been checked; with room for an prediction an image where those are wanted.
  func evaluate(
    _ data: some TrainingData, predictions: UnsafeMutablePointer<ImagePrediction>?
  ) throws(EngineError) -> Score {
    let executor = try executor
    return try EngineError.shapes { () throws(ShapeError) in
      try executor.evaluate(
        Batch(data: data, order: nil, first: 0, count: data.count), parameters: storage.start,
        predictions: predictions)
    }
  }

  /// Loss and accuracy over images and one-hot targets.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - targets: `[batch, classes]`.
  /// - Throws: `EngineError.shape` when the shapes are not for this model, or the batch is empty.
  public func evaluate(_ images: Tensor, _ targets: Tensor) throws(EngineError) -> Score {
    try evaluate(TensorData(images, targets))
  }

  /// Checks that a data set is for this model and not empty.
  func requireData(_ data: some TrainingData) throws(EngineError) {
    guard plan.outputShape.count == 1 else {
      throw .shape(
        .rank("the output of a model that learns classes", axes: ["classes"], actual: plan.outputShape))
    }
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
