import ConvNet
import ConvNetFiles
import MNISTData

/// Fits a model and tells the observers, batch by batch and epoch by epoch.
final class TrainingRun {
  let model: Sequential
  let training: LabelledImages
  let validation: LabelledImages?
  let epochs: Int
  let batchSize: Int
  let observers: [any TrainingObserver]

  /// Where the training begins.
  private let start: TrainingProgress
  private let clock = ContinuousClock()
  private var epochStarted = ContinuousClock.now
  private var trainingSeconds: Double
  /// The first thing that went wrong inside a callback.
  private var failure: (any Error)?
  /// The finished epochs, those of earlier processes included.
  private(set) var records: [EpochRecord]

  init(
    _ model: Sequential, training: LabelledImages, validation: LabelledImages?, epochs: Int, batchSize: Int,
    from start: TrainingProgress, observers: [any TrainingObserver]
  ) {
    (self.model, self.training, self.validation) = (model, training, validation)
    (self.epochs, self.batchSize, self.observers) = (epochs, batchSize, observers)
    (self.start, trainingSeconds) = (start, start.seconds)
    records = start.finished.enumerated().map { EpochRecord($1, epoch: $0 + 1, epochs: epochs) }
  }

  /// Trains the epochs that are left.
  ///
  /// - Throws: `Divergence` when a loss is no longer finite, what an observer threw, and `EngineError`
  ///   when the images do not fit the model.
  func run() throws {
    epochStarted = clock.now - .seconds(start.seconds)
    let callbacks = FitCallbacks(
      onBatch: { report in self.guarded { try self.finishedBatch(report) } },
      onEpoch: { epoch in self.guarded { try self.finishedEpoch(epoch) } })
    try model.fit(
      training, batchSize: batchSize, epochs: epochs, initialEpoch: start.epoch, initialBatch: start.batch,
      initialScore: start.running, validationData: validation, callbacks: callbacks)
    guard let failure else { return }
    for observer in observers { try? observer.stopped() }
    throw failure
  }

  private func guarded(_ body: () throws -> Void) -> FitDecision {
    do {
      try body()
      return .proceed
    } catch {
      failure = error
      return .stop
    }
  }

  private func finishedBatch(_ report: BatchReport) throws {
    guard report.score.loss.isFinite else {
      throw Divergence(
        "the loss is \(report.score.loss.magnitude)", epoch: report.epoch + 1, batch: report.batch + 1)
    }
    for observer in observers { try observer.finishedBatch(report) }
    if report.batch + 1 == report.batches { trainingSeconds = (clock.now - epochStarted).inSeconds }
  }

  private func finishedEpoch(_ epoch: History.Epoch) throws {
    // The last update's damage shows in no loss of this epoch.
    if let parameter = model.parameters.first(where: { !$0.isFinite }) {
      throw Divergence("a parameter is \(parameter.magnitude)", epoch: epoch.epoch + 1)
    }
    // Finite parameters can still be so large that no image comes through them.
    if let loss = epoch.validation?.loss, !loss.isFinite {
      throw Divergence("the validation loss is \(loss.magnitude)", epoch: epoch.epoch + 1)
    }
    let record = EpochRecord(
      epoch: epoch.epoch + 1, epochs: epochs, training: epoch.training, validation: epoch.validation,
      trainingSeconds: trainingSeconds, seconds: (clock.now - epochStarted).inSeconds)
    records.append(record)
    for observer in observers { try observer.finishedEpoch(record) }
    epochStarted = clock.now
  }
}

extension Duration {
  /// As a number, to a nanosecond.
  var inSeconds: Double { self / .seconds(1) }
}
