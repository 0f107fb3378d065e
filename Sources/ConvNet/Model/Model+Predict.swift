import Im2col

extension Model {
  /// Returns the outputs for a batch of images.
  ///
  /// - Parameter images: `[batch, height, width, channels]`; the batch may be empty.
  /// - Returns: `[batch, classes]`: probabilities if the model ends in softmax.
  /// - Throws: `EngineError.shape` when the shape does not match the model, or the outputs exceed memory;
  ///   `.inUse` when another thread is using the model.
  public func predict(_ images: Tensor) throws(EngineError) -> Tensor {
    let batch = try requireImages(images)
    return try use.exclusively { () throws(EngineError) in
      if batch > 0 {
        try executor.requireMemory(predicting: batch)
        _ = try EngineError.shapes { () throws(ShapeError) in
          try ShapeError.elementCount(of: [batch] + outputShape, named: "output")
        }
      }
      var output = Tensor(zeros: [batch] + outputShape)
      try predict(images, into: &output)
      return output
    }
  }

  /// Computes the outputs for a batch of images into storage that the caller owns.
  ///
  /// With the micro-batch schedule (small images and layers) only the first call allocates. The
  /// layer-by-layer schedule allocates for a batch size that is not among the most recent ones.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - output: `[batch, classes]`; overwritten.
  /// - Throws: `EngineError.shape` when a shape does not match, or memory cannot hold the outputs of the
  ///   layers. On an error, `output` is unchanged.
  public func predict(_ images: Tensor, into output: inout Tensor) throws(EngineError) {
    let batch = try requireImages(images)
    guard output.shape.count == 1 + outputShape.count, output.shape.first == batch,
      output.shape.dropFirst().elementsEqual(outputShape)
    else {
      throw .shape(.mismatch("the output", expected: [batch] + outputShape, actual: output.shape))
    }
    guard batch > 0 else { return }
    try use.exclusively { () throws(EngineError) in
      try executor.predict(images, storage, into: &output)
    }
  }

  /// Checks the shape of a batch of images and returns their number.
  func requireImages(_ images: Tensor) throws(EngineError) -> Int {
    try plan.requireImages(images)
  }
}

extension NetworkPlan {
  /// Checks the shape of a batch of images and returns their number.
  func requireImages(_ images: Tensor) throws(EngineError) -> Int {
    guard images.shape != inputShape else {
      throw .shape(
        .unsupported(
          "the images have shape \(images.shape), that of one image without a batch axis; reshape it to "
            + "\([1] + inputShape)"))
    }
    guard let batch = images.shape.first, images.shape.dropFirst().elementsEqual(inputShape) else {
      throw .shape(
        .mismatch("the images", expected: [images.shape.first ?? 1] + inputShape, actual: images.shape))
    }
    return batch
  }
}
