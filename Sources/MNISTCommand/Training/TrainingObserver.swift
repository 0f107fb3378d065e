import ConvNet
import ConvNetFiles

/// Somebody who wants to know how a training goes: a display, a log, a checkpoint, a report.
///
/// A call that throws ends the training; the error comes out of `TrainingRun.run`.
protocol TrainingObserver: AnyObject {
  /// Before the first batch.
  func began(_ outline: TrainingOutline) throws
  /// After every batch's update.
  func finishedBatch(_ report: BatchReport) throws
  /// After every epoch and its validation.
  func finishedEpoch(_ record: EpochRecord) throws
  /// When the training ends before its time, so that a half-drawn line can be left.
  func stopped() throws
  /// Before the test that follows the last epoch, and after it.
  func began(test images: Int) throws
  func finishedTest() throws
  /// After the test, when everything is on disk.
  func finished(_ result: TrainingResult) throws
}

extension TrainingObserver {
  func began(_ outline: TrainingOutline) throws {}
  func finishedBatch(_ report: BatchReport) throws {}
  func finishedEpoch(_ record: EpochRecord) throws {}
  func stopped() throws {}
  func began(test images: Int) throws {}
  func finishedTest() throws {}
  func finished(_ result: TrainingResult) throws {}
}

/// What is about to be trained.
struct TrainingOutline {
  let parameters: Int
  let trainImages: Int
  /// 0: no validation.
  let validationImages: Int
  let epochs: Int
  let batchSize: Int
  let seed: UInt64
  let threads: Int
  /// What earlier processes have done of it.
  let done: TrainingProgress
}

/// A finished epoch.
package struct EpochRecord: Sendable {
  /// Counted from 1.
  package let epoch: Int
  package let epochs: Int
  /// Over the images as they were trained on: each batch before its update.
  package let training: Score
  /// After the epoch's last update.
  package let validation: Score?
  /// Of the training part alone.
  package let trainingSeconds: Double
  /// Of the epoch with its validation.
  package let seconds: Double

  package init(
    epoch: Int, epochs: Int, training: Score, validation: Score?, trainingSeconds: Double, seconds: Double
  ) {
    (self.epoch, self.epochs, self.training, self.validation) = (epoch, epochs, training, validation)
    (self.trainingSeconds, self.seconds) = (trainingSeconds, seconds)
  }

  /// A finished epoch of a checkpoint.
  init(_ finished: FinishedEpoch, epoch: Int, epochs: Int) {
    self.init(
      epoch: epoch, epochs: epochs, training: finished.training, validation: finished.validation,
      trainingSeconds: finished.trainingSeconds, seconds: finished.seconds)
  }

  /// Training images over the time of the training part.
  package var imagesPerSecond: Double { Double(training.images) / trainingSeconds }
}

/// A finished training.
struct TrainingResult {
  let dataset: String
  let seed: UInt64
  let trainImages: Int
  let evaluation: Evaluation
  /// What the classes are called.
  let classNames: [String]
  let parameters: Int
  /// The model with what made it, on disk or not.
  let file: ModelFile
  /// The epoch that the model is from where early stopping chose it; nil where it is the last.
  let bestEpoch: Int?
  /// nil: the model was not kept.
  let modelPath: String?
  /// nil: no page was asked for.
  let reportPath: String?
  /// All epochs with their validations.
  let seconds: Double
  /// Mean over the training parts of all epochs.
  let imagesPerSecond: Double

  var test: Score { evaluation.score }
  var digest: String { file.digest }
}
