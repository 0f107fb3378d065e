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
}
