import Im2col

extension Model {
  /// Trains on a data set.
  ///
  /// The order of the images in an epoch depends only on the model's seed and the index of the epoch. To
  /// resume at epoch 7, pass `initialEpoch: 7`. With the same data, seed, options, OpenBLAS and CPU type the
  /// parameters have the same bits for any number of workers.
  ///
  /// To resume within an epoch, restore the parameters and `optimizerState` of that moment, and pass
  /// `initialBatch` and `initialScore` from the last `BatchReport`. The epoch then ends with the same score
  /// as without the interruption.
  ///
  /// - Parameters:
  ///   - data: the images and targets.
  ///   - batchSize: images per update; the last batch of an epoch may be smaller.
  ///   - epochs: the total number of epochs; training runs the epochs `initialEpoch..<epochs`.
  ///   - initialEpoch: the index of the first epoch, from 0.
  ///   - initialBatch: the number of completed batches of the initial epoch; if all are completed, only the
  ///     validation of that epoch remains.
  ///   - initialScore: the score of these batches, `BatchReport.running`.
  ///   - validationData: the data to evaluate after every epoch.
  ///   - shuffle: whether to shuffle the images in every epoch.
  ///   - callbacks: functions called between batches and epochs; they may stop training.
  /// - Returns: the completed epochs and the reason why training ended. If the task is cancelled, training
  ///   ends after the current batch.
  /// - Throws: `EngineError.shape` when the model is not compiled, the data do not match it, a number is out
  ///   of range, or memory cannot hold a batch; the model is then unchanged. `EngineError.data` when an image
  ///   makes no sense; the model then has the parameters of the batch before it. `EngineError.inUse` when
  ///   another thread is using the model.
  @discardableResult
  public func fit(
    _ data: some TrainingData, batchSize: Int = 32, epochs: Int = 1, initialEpoch: Int = 0,
    initialBatch: Int = 0, initialScore: Score = Score(), validationData: (any TrainingData)? = nil,
    shuffle: Bool = true, callbacks: FitCallbacks = FitCallbacks()
  ) throws(EngineError) -> History {
    let trainer = try requireCompiled().trainer
    try requireData(data)
    if let validationData { try requireData(validationData) }
    try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.requirePositive(batchSize, "the batch size")
      try ShapeError.requireNonNegative(epochs, "the number of epochs")
      try ShapeError.requireNonNegative(initialEpoch, "the initial epoch")
      try EpochStart(batch: initialBatch, score: initialScore).validate(
        images: data.count, batchSize: batchSize)
      _ = try ShapeError.elementCount(of: [data.count, 2], named: "order of the images")
    }
    try trainer.executor.requireMemory(training: min(batchSize, data.count))
    if let validationData { try executor.requireMemory(predicting: validationData.count) }
    let settings = FitSettings(
      batchSize: batchSize, epochs: initialEpoch..<max(initialEpoch, epochs),
      start: EpochStart(batch: initialBatch, score: initialScore), shuffles: shuffle)
    return try use.exclusively { () throws(EngineError) in
      try run(trainer, data, settings, validationData, callbacks)
    }
  }

  /// Trains epoch by epoch.
  private func run(
    _ trainer: Trainer, _ data: some TrainingData, _ settings: FitSettings,
    _ validationData: (any TrainingData)?, _ callbacks: FitCallbacks
  ) throws(EngineError) -> History {
    var history = History()
    var order = Array(0..<data.count)
    for epoch in settings.epochs {
      // Random streams number epochs from 1, as reports do.
      if settings.shuffles {
        CounterRandom(seed: seed, stream: .shuffle(epoch: epoch + 1)).shuffle(&order)
      }
      let start = epoch == settings.epochs.lowerBound ? settings.start : EpochStart()
      let (score, end) = try fitEpoch(
        data.seen(inEpochNumber: epoch + 1), order: order, epoch: epoch, from: start,
        batchSize: settings.batchSize, trainer: trainer, onBatch: callbacks.onBatch)
      if let end {
        history.end = end
        return history
      }
      let validation: Score? = if let validationData { try evaluate(validationData) } else { nil }
      let completed = History.Epoch(epoch: epoch, training: score, validation: validation)
      history.epochs.append(completed)
      if let onEpoch = callbacks.onEpoch, onEpoch(completed) == .stop {
        history.end = .stopped
        return history
      }
    }
    return history
  }

  /// Trains on images and one-hot targets. See the overload that takes a data set.
  ///
  /// - Parameters:
  ///   - images: `[count, height, width, channels]`.
  ///   - targets: `[count, classes]`.
  ///   - batchSize: images per update; the last batch of an epoch may be smaller.
  ///   - epochs: the total number of epochs; training runs the epochs `initialEpoch..<epochs`.
  ///   - initialEpoch: the index of the first epoch, from 0.
  ///   - initialBatch: the number of completed batches of the initial epoch.
  ///   - initialScore: the score of these batches.
  ///   - validationData: the images and targets to evaluate after every epoch.
  ///   - shuffle: whether to shuffle the images in every epoch.
  ///   - callbacks: functions called between batches and epochs; they may stop training.
  /// - Returns: the completed epochs and the reason why training ended.
  /// - Throws: the errors of the overload that takes a data set.
  @discardableResult
  public func fit(
    _ images: Tensor, _ targets: Tensor, batchSize: Int = 32, epochs: Int = 1, initialEpoch: Int = 0,
    initialBatch: Int = 0, initialScore: Score = Score(),
    validationData: (images: Tensor, targets: Tensor)? = nil, shuffle: Bool = true,
    callbacks: FitCallbacks = FitCallbacks()
  ) throws(EngineError) -> History {
    var validation: TensorData?
    if let pair = validationData { validation = try TensorData(pair.images, pair.targets) }
    return try fit(
      TensorData(images, targets), batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch,
      initialBatch: initialBatch, initialScore: initialScore, validationData: validation, shuffle: shuffle,
      callbacks: callbacks)
  }

  /// Trains for one epoch; the second result is the reason if the epoch ended early.
  private func fitEpoch<Data: TrainingData>(
    _ data: Data, order: [Int], epoch: Int, from start: EpochStart, batchSize: Int, trainer: Trainer,
    onBatch: ((BatchReport) -> FitDecision)?
  ) throws(EngineError) -> (Score, History.End?) {
    let batches = EpochStart.batches(images: data.count, batchSize: batchSize)
    var running = start.score
    for batch in start.batch..<batches {
      if Task.isCancelled { return (running, .cancelled) }
      let first = batch * batchSize
      let score = try order.withUnsafeBufferPointer { (indices) throws(EngineError) in
        try step(
          trainer,
          Batch(
            data: data, order: indices.baseAddress, first: first, count: min(batchSize, data.count - first)))
      }
      running += score
      if let onBatch {
        let report = BatchReport(epoch: epoch, batch: batch, batches: batches, score: score, running: running)
        if onBatch(report) == .stop { return (running, .stopped) }
      }
    }
    return (running, nil)
  }

  /// Updates the parameters once on a batch.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - targets: `[batch, classes]`.
  /// - Returns: the score of the batch before the update.
  /// - Throws: `EngineError.shape` when the model is not compiled, the shapes do not match it, or the batch
  ///   is empty.
  @discardableResult
  public func trainOnBatch(_ images: Tensor, _ targets: Tensor) throws(EngineError) -> Score {
    try trainOnBatch(TensorData(images, targets))
  }

  /// Updates the parameters once, on all images of a data set as one batch.
  ///
  /// With the micro-batch schedule (small images and layers) a repeated batch size allocates nothing. The
  /// layer-by-layer schedule allocates for a batch size that is not among the most recent ones.
  ///
  /// - Throws: the errors of the overload that takes tensors.
  @discardableResult
  public func trainOnBatch(_ data: some TrainingData) throws(EngineError) -> Score {
    let trainer = try requireCompiled().trainer
    try requireData(data)
    return try use.exclusively { () throws(EngineError) in
      try step(trainer, Batch(data: data, order: nil, first: 0, count: data.count))
    }
  }

  /// Updates the parameters once.
  private func step<Data: TrainingData>(
    _ trainer: Trainer, _ batch: Batch<Data>
  ) throws(EngineError) -> Score {
    let score = try storageLock.withLock { _ throws(EngineError) in try trainer.step(batch) }
    parametersChanged()
    return score
  }

  /// Returns the score of a batch and the gradient of its mean loss, without an update. Uses the dropout
  /// masks of the next update.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - targets: `[batch, classes]`.
  /// - Returns: the score, and the gradient of the trainable parameters, in the order of `parameters`.
  /// - Throws: `EngineError.shape` when the model is not compiled or the shapes do not match it.
  public func gradients(
    _ images: Tensor, _ targets: Tensor
  ) throws(EngineError) -> (score: Score, gradients: [Float]) {
    let trainer = try requireCompiled().trainer
    let data = try TensorData(images, targets)
    guard data.count > 0 else {
      // The loss of an empty batch does not depend on the parameters.
      guard data.imageShape == inputShape, data.targetCount == plan.outputCount else {
        throw .shape(.mismatch("an image of the data", expected: inputShape, actual: data.imageShape))
      }
      return (Score(), [Float](repeating: 0, count: trainableCount))
    }
    try requireData(data)
    return try use.exclusively { () throws(EngineError) in
      try storageLock.withLock { _ throws(EngineError) in
        try trainer.gradient(Batch(data: data, order: nil, first: 0, count: data.count))
      }
    }
  }
}

/// The numbers of a call of `fit`.
private struct FitSettings {
  let batchSize: Int
  let epochs: Range<Int>
  /// Where the first epoch starts.
  let start: EpochStart
  let shuffles: Bool
}
