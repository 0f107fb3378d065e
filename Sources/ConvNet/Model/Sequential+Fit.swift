import Im2col

extension Sequential {
  /// Trains on a data set.
  ///
  /// The order of the images in an epoch follows from the model's seed and the epoch's number alone, so a
  /// training that goes on in epoch 7 passes `initialEpoch: 7` and replays nothing. With the same data, seed,
  /// options, OpenBLAS and CPU type the parameters get the same bits whatever the number of workers.
  ///
  /// One that goes on within an epoch also passes how many of its batches are done and their score, as the
  /// last `BatchReport` had them: that epoch then ends with the same score as if it had never been broken off.
  /// Parameters and `optimizerState` have to be those of that moment.
  ///
  /// - Parameters:
  ///   - data: images and targets.
  ///   - batchSize: images an update; an epoch's last batch has what is left.
  ///   - epochs: where to stop, counted from epoch 0.
  ///   - initialEpoch: where to begin, counted from epoch 0.
  ///   - initialBatch: batches of the initial epoch that are done already; with all of them done, only its
  ///     validation is left.
  ///   - initialScore: the score of these batches, `BatchReport.running`.
  ///   - validationData: evaluated after every epoch.
  ///   - shuffle: whether each epoch has an order of its own.
  ///   - callbacks: called between batches and epochs; may stop the training.
  /// - Returns: the epochs that were finished and why the training ended; a cancelled task ends it after
  ///   the batch in hand.
  /// - Throws: `EngineError.shape` when the model is not compiled, the data are not for it, a number is
  ///   out of range, or memory cannot hold a batch; nothing has been changed then.
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
      try trainer.executor.requireRoom(training: min(batchSize, data.count))
      _ = try ShapeError.elementCount(of: [data.count, 2], named: "order of the images")
    }
    if let validationData {
      let executor = try executor
      try EngineError.shapes { () throws(ShapeError) in
        try executor.requireRoom(predicting: validationData.count)
      }
    }
    var history = History()
    guard initialEpoch < epochs else { return history }
    var order = Array(0..<data.count)
    for epoch in initialEpoch..<epochs {
      // The streams have the number that people see: the first epoch is epoch 1.
      if shuffle {
        CounterRandom(seed: seed, stream: .shuffle(epoch: epoch + 1)).shuffle(&order)
      }
      let start =
        epoch == initialEpoch ? EpochStart(batch: initialBatch, score: initialScore) : EpochStart()
      let (score, end) = try fitEpoch(
        data.seen(inEpoch: epoch + 1), order: order, epoch: epoch, from: start, batchSize: batchSize,
        trainer: trainer,
        onBatch: callbacks.onBatch)
      if let end {
        history.end = end
        return history
      }
      let validation: Score? = if let validationData { try evaluate(validationData) } else { nil }
      let finished = History.Epoch(epoch: epoch, training: score, validation: validation)
      history.epochs.append(finished)
      if let onEpoch = callbacks.onEpoch, onEpoch(finished) == .stop {
        history.end = .stopped
        return history
      }
    }
    return history
  }

  /// Trains on images and one-hot targets; see the form that takes a data set.
  ///
  /// - Parameters:
  ///   - images: `[count, height, width, channels]`.
  ///   - targets: `[count, classes]`.
  ///   - batchSize: images an update; an epoch's last batch has what is left.
  ///   - epochs: where to stop, counted from epoch 0.
  ///   - initialEpoch: where to begin.
  ///   - initialBatch: where to begin in that epoch.
  ///   - initialScore: what the batches before that one scored.
  ///   - validationData: evaluated after every epoch.
  ///   - shuffle: whether each epoch has an order of its own.
  ///   - callbacks: called between batches and epochs; may stop the training.
  /// - Returns: the epochs that were finished and why the training ended.
  /// - Throws: as the form that takes a data set.
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

  /// One epoch; the second result says why it was broken off, if it was.
  private func fitEpoch<Data: TrainingData>(
    _ data: Data, order: [Int], epoch: Int, from start: EpochStart, batchSize: Int, trainer: Trainer,
    onBatch: ((BatchReport) -> FitDecision)?
  ) throws(EngineError) -> (Score, History.End?) {
    let batches = EpochStart.batches(images: data.count, batchSize: batchSize)
    var running = start.score
    for batch in start.batch..<batches {
      if Task.isCancelled { return (running, .cancelled) }
      let first = batch * batchSize
      let score = try EngineError.shapes { () throws(ShapeError) in
        try order.withUnsafeBufferPointer { (indices) throws(ShapeError) in
          try trainer.step(
            Batch(
              data: data, order: indices.baseAddress, first: first, count: min(batchSize, data.count - first))
          )
        }
      }
      running += score
      if let onBatch {
        let report = BatchReport(epoch: epoch, batch: batch, batches: batches, score: score, running: running)
        if onBatch(report) == .stop { return (running, .stopped) }
      }
    }
    return (running, nil)
  }

  /// One update on one batch.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - targets: `[batch, classes]`.
  /// - Returns: loss and correct before the update.
  /// - Throws: `EngineError.shape` when the model is not compiled, the shapes are not for it, or the batch
  ///   is empty.
  @discardableResult
  public func trainOnBatch(_ images: Tensor, _ targets: Tensor) throws(EngineError) -> Score {
    try trainOnBatch(TensorData(images, targets))
  }

  /// One update on all images of a data set together. On the micro-batch schedule (small images and layers) nothing is
  /// allocated once the count was seen; the layer-by-layer schedule makes memory anew for one not among those seen last.
  ///
  /// - Throws: as for tensors.
  @discardableResult
  public func trainOnBatch(_ data: some TrainingData) throws(EngineError) -> Score {
    let trainer = try requireCompiled().trainer
    try requireData(data)
    return try EngineError.shapes { () throws(ShapeError) in
      try trainer.step(Batch(data: data, order: nil, first: 0, count: data.count))
    }
  }

  /// Loss of a batch and the gradient of its mean, without an update; dropout is that of the next update.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`.
  ///   - targets: `[batch, classes]`.
  /// - Returns: the score, and the gradient in the order of `parameters`.
  /// - Throws: `EngineError.shape` when the model is not compiled or the shapes are not for it.
  public func gradients(
    _ images: Tensor, _ targets: Tensor
  ) throws(EngineError) -> (score: Score, gradients: [Float]) {
    let trainer = try requireCompiled().trainer
    let data = try TensorData(images, targets)
    guard data.count > 0 else {
      // Nothing pulls at the parameters.
      guard data.imageShape == inputShape, data.targetCount == plan.outputCount else {
        throw .shape(.mismatch("an image of the data", expected: inputShape, actual: data.imageShape))
      }
      return (Score(), [Float](repeating: 0, count: parameterCount))
    }
    try requireData(data)
    let score = try EngineError.shapes { () throws(ShapeError) in
      try trainer.differentiate(Batch(data: data, order: nil, first: 0, count: data.count))
    }
    return (score, trainer.summedGradient)
  }
}
