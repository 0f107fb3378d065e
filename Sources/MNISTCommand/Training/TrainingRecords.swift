/// Prints the epochs and results of a training run as JSON lines, for programs.
final class TrainingRecords: TrainingObserver {
  private let stream: StandardStream

  init(_ stream: StandardStream) { self.stream = stream }

  func finishedEpoch(_ record: EpochRecord) throws {
    var line = JSONLine()
    try line.add("epoch", record.epoch)
    try line.add("loss", record.training.loss)
    try line.add("accuracy", record.training.accuracy)
    if let validation = record.validation {
      try line.add("validation_loss", validation.loss)
      try line.add("validation_accuracy", validation.accuracy)
    }
    try line.add("images_per_second", rounded(record.imagesPerSecond, to: 10))
    try line.add("seconds", rounded(record.seconds, to: 1000))
    try stream.line(line.text)
  }

  func finished(_ result: TrainingResult, _ files: FinalFiles) throws {
    var line = JSONLine()
    try line.add("final", true)
    try line.add("dataset", result.dataset)
    try line.add("seed", result.seed)
    try line.add("train_images", result.trainImages)
    if let epoch = result.bestEpoch { try line.add("best_epoch", epoch) }
    try line.add("test_accuracy", result.test.accuracy)
    try line.add("parameters", result.parameters)
    try line.add("sha256", result.digest)
    try line.add("test_loss", result.test.loss)
    try line.add("images_per_second", rounded(result.imagesPerSecond, to: 10))
    try line.add("seconds", rounded(result.seconds, to: 1000))
    switch files.model {
    case .none: break
    case .written(let path): try line.add("model", path)
    case .fallback(let path, _):
      try line.add("model", String?.none)
      try line.add("fallback", path)
    case .lost: try line.add("model", String?.none)
    }
    for page in files.pages { try line.add(page.name, page.path) }
    try ClassResults(result.evaluation.confusion, names: result.classNames).add(to: &line)
    try stream.line(line.text)
  }

  /// Drops meaningless digits of measured times.
  private func rounded(_ number: Double, to parts: Double) -> Double { (number * parts).rounded() / parts }
}
