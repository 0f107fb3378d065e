import ConvNet

/// Labeled images train a model as they are: bytes, scaled one image at a time on the way in.
///
///     try model.fit(dataset.train, batchSize: 32, epochs: 5, validationData: dataset.test)
extension LabeledImages: TrainingData {
  /// One number a class.
  public var targetCount: Int { classNames.count }
}
