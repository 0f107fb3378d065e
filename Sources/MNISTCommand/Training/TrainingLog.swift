import ConvNetFiles

/// Appends one row per epoch to a file; rows of earlier runs are kept.
///
/// A full disk ends the log but not the run: a message reports it at once, and the error is thrown after
/// the model is written.
final class TrainingLog: TrainingObserver {
  private let path: String
  private let format: LogFormat
  private let seed: UInt64
  private let rate: (_ epoch: Int) -> Float
  private var file: RowFile?
  private var failure: FileError?

  /// - Parameter rate: returns the learning rate of an epoch's last update; epochs count from 1.
  init(path: String, format: LogFormat, seed: UInt64, rate: @escaping (_ epoch: Int) -> Float) {
    (self.path, self.format, self.seed, self.rate) = (path, format, seed, rate)
  }

  private static let columns = [
    "seed", "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate",
    "images_per_second", "seconds",
  ]

  func began(_ outline: TrainingOutline) throws {
    file = try RowFile(path: path, header: format.header(Self.columns), calls: FileWarnings.calls)
  }

  func finishedEpoch(_ record: EpochRecord) {
    guard failure == nil, let file else { return }
    let numbers: [String?] = [
      "\(seed)", "\(record.epoch)", text(record.training.loss), text(record.training.accuracy),
      text(record.validation?.loss), text(record.validation?.accuracy),
      NumberText.significant(Double(rate(record.epoch)), 6),
      text(rounded(record.imagesPerSecond, to: 10)), text(rounded(record.seconds, to: 1000)),
    ]
    do throws(FileError) {
      try file.append(format.row(Self.columns, numbers))
    } catch {
      failure = error
      StandardStream.error.tryWrite(
        "warning: the log ends here, but training continues: \(error)".printable + "\n")
    }
  }

  func finished(_ result: TrainingResult, _ files: FinalFiles) throws {
    if let failure { throw LogError(failure) }
  }

  /// A number in the notation of both formats; nil for NaN and infinities, which JSON lacks.
  private func text(_ number: Double?) -> String? {
    number.flatMap { $0.isFinite ? "\($0)" : nil }
  }

  /// Drops meaningless digits of measured times.
  private func rounded(_ number: Double, to parts: Double) -> Double { (number * parts).rounded() / parts }
}

/// An incomplete log; everything else is done.
struct LogError: Error, CustomStringConvertible {
  private let reason: FileError

  init(_ reason: FileError) { self.reason = reason }

  var description: String { "the log is incomplete, but everything else is done: \(reason)" }
}
