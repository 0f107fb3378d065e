import ConvNet
import ConvNetFiles
import Im2col

/// Checkpoints of a small model after a few updates.
enum CheckpointSamples {
  static let fingerprint = ArithmeticFingerprint(products: "0a", training: "1b")

  /// A compiled model after a number of updates.
  static func model(
    optimizer: Optimizer = .adam(learningRate: 0.01), units: Int = 3, seed: UInt64 = .max, updates: Int = 0
  ) throws -> Sequential {
    let model = try Sequential(
      inputShape: [4, 3, 1],
      layers: [
        .convolution(filters: 2, kernel: 2, activation: .relu), .flatten,
        .dense(units: units, activation: .softmax),
      ], seed: seed)
    try model.compile(optimizer: optimizer, options: ComputeOptions(workers: Workers(1)))
    let pixels = (0..<5 * 12).map { Float($0 * 7 % 11) / 10 }
    var targets = [Float](repeating: 0, count: 5 * units)
    for image in 0..<5 { targets[image * units + image % units] = 1 }
    for _ in 0..<updates {
      try model.trainOnBatch(
        Tensor(shape: [5, 4, 3, 1], scalars: pixels), Tensor(shape: [5, units], scalars: targets))
    }
    return model
  }

  static func progress(validation: [Double?] = [0.5, 0.25], batch: Int = 2) -> TrainingProgress {
    var progress = TrainingProgress()
    progress.completed = validation.enumerated().map { index, loss in
      CompletedEpoch(
        updates: 3 * (index + 1), training: Score(lossSum: 1 / 3 + Double(index), correct: 3, images: 13),
        validation: loss.map { Score(lossSum: 10 * $0, correct: 1, images: 10) }, trainingSeconds: 0.125,
        seconds: 0.25)
    }
    progress.batch = batch
    progress.running = Score(lossSum: batch == 0 ? 0 : 0.1, correct: 0, images: 5 * batch)
    progress.seconds = 0.0625
    return progress
  }

  static var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.add("--learning-rate", Float(0.1))
    settings.add("the \"images\"", "größe\u{1B}[2J")
    return settings
  }

  static func checkpoint(
    _ model: Sequential, progress: TrainingProgress = progress(), settings: TrainingSettings = settings
  ) throws -> Checkpoint {
    try Checkpoint(
      model, pixelDivisor: 256, progress: progress, settings: settings,
      fingerprint: fingerprint)
  }

  /// A checkpoint after `step` updates.
  static func checkpoint(step: Int, progress: TrainingProgress = progress()) throws -> Checkpoint {
    try checkpoint(model(updates: step), progress: progress)
  }
}
