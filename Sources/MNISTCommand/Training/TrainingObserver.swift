import ConvNet
import ConvNetFiles

/// Receives the events of a training run: a display, a log, checkpoints, a report.
///
/// An error thrown by a method ends the run and is rethrown by `TrainingRun.run`.
protocol TrainingObserver: AnyObject {
  /// Called before the first batch.
  func began(_ outline: TrainingOutline) throws
  /// Called after every update.
  func finishedBatch(_ report: BatchReport) throws
  /// Called after every epoch and its validation.
  func finishedEpoch(_ record: EpochRecord) throws
  /// Called if the run ends early, so that an incomplete line can be erased.
  func stopped() throws
  /// Called before and after the test that follows the last epoch.
  func began(test images: Int) throws
  func finishedTest() throws
  /// Called with the results of the test, before any file is written.
  func tested(_ result: TrainingResult) throws
  /// Called when the model and the report are written, or could not be.
  func finished(_ result: TrainingResult, _ files: FinalFiles) throws
}

extension TrainingObserver {
  func began(_ outline: TrainingOutline) throws {}
  func finishedBatch(_ report: BatchReport) throws {}
  func finishedEpoch(_ record: EpochRecord) throws {}
  func stopped() throws {}
  func began(test images: Int) throws {}
  func finishedTest() throws {}
  func tested(_ result: TrainingResult) throws {}
  func finished(_ result: TrainingResult, _ files: FinalFiles) throws {}
}

/// The outline of a training run, before it starts.
struct TrainingOutline {
  /// The network's name for readers, such as LeNet-5.
  let network: String
  let dataset: String
  let parameters: Int
  let trainImages: Int
  /// 0 without validation.
  let validationImages: Int
  let epochs: Int
  let batchSize: Int
  let seed: UInt64
  let threads: Int
  /// The progress of earlier processes.
  let done: TrainingProgress
}

/// A completed epoch.
package struct EpochRecord: Sendable {
  /// Counted from 1.
  package let epoch: Int
  package let epochs: Int
  /// The score over the training images: each batch before its update.
  package let training: Score
  /// The score after the epoch's last update.
  package let validation: Score?
  /// Without the validation.
  package let trainingSeconds: Double
  /// With the validation.
  package let seconds: Double

  package init(
    epoch: Int, epochs: Int, training: Score, validation: Score?, trainingSeconds: Double, seconds: Double
  ) {
    (self.epoch, self.epochs, self.training, self.validation) = (epoch, epochs, training, validation)
    (self.trainingSeconds, self.seconds) = (trainingSeconds, seconds)
  }

  /// A completed epoch from a checkpoint.
  init(_ finished: CompletedEpoch, epoch: Int, epochs: Int) {
    self.init(
      epoch: epoch, epochs: epochs, training: finished.training, validation: finished.validation,
      trainingSeconds: finished.trainingSeconds, seconds: finished.seconds)
  }

  /// The rate of training, without the validation.
  package var imagesPerSecond: Double { Double(training.images) / trainingSeconds }
}

/// The results of a completed training run.
struct TrainingResult {
  let dataset: String
  let seed: UInt64
  let trainImages: Int
  let evaluation: Evaluation
  /// The names of the classes.
  let classNames: [String]
  let parameters: Int
  /// The model with its metadata, saved or not.
  let file: ModelFile
  /// The epoch with the best monitored score, whose model early stopping kept; otherwise nil.
  let bestEpoch: Int?
  /// The duration of all epochs with their validations.
  let seconds: Double
  /// The mean rate of training over all epochs, without validations.
  let imagesPerSecond: Double

  var test: Score { evaluation.score }
  var digest: String { file.digest }
}
