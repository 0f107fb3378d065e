import ConvNet
import ConvNetFiles
import MNISTData

/// Fits a model and tells the observers, batch by batch and epoch by epoch.
final class TrainingRun {
  let model: Sequential
  let training: ShiftedImages
  let validation: LabeledImages?
  let epochs: Int
  let batchSize: Int
  let observers: [any TrainingObserver]
  /// nil: all epochs.
  private let stopper: EarlyStopper?

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
    _ model: Sequential, training: ShiftedImages, validation: LabeledImages?, epochs: Int, batchSize: Int,
    from start: TrainingProgress, stopper: EarlyStopper? = nil, observers: [any TrainingObserver]
  ) {
    (self.model, self.training, self.validation) = (model, training, validation)
    (self.epochs, self.batchSize, self.observers) = (epochs, batchSize, observers)
    (self.start, self.stopper, trainingSeconds) = (start, stopper, start.seconds)
    records = start.finished.enumerated().map { EpochRecord($1, epoch: $0 + 1, epochs: epochs) }
  }

  /// The epoch that the model is from where early stopping chose it, counted from 1.
  var bestEpoch: Int? { stopper?.best.map { $0.epoch + 1 } }

  /// Which epoch's model this is and why, in words; nil where it is that of the last one.
  var choice: String? {
    guard let stopper, let best = bestEpoch, best < records.count else { return nil }
    let (waited, score) = (stopper.verdict.waited, stopper.rule.monitor.name)
    guard stopper.verdict.stops, records.count < epochs else {
      return "this is the model of epoch \(best): no later one had a better \(score)"
    }
    return "stopped after epoch \(records.count): \(waited) epoch\(waited == 1 ? "" : "s") without a better "
      + "\(score); this is the model of epoch \(best)"
  }

  /// Trains the epochs that are left.
  ///
  /// - Throws: `Divergence` when a loss is no longer finite, what an observer threw, and `EngineError`
  ///   when the images do not fit the model.
  func run() throws {
    // Stopped early before it was taken up again.
    if stopper?.verdict.stops == true { return try stopper?.restoreBest() ?? () }
    epochStarted = clock.now - .seconds(start.seconds)
    let callbacks = FitCallbacks(
      onBatch: { report in self.guarded { try self.finishedBatch(report) } },
      onEpoch: { epoch in
        let decision = self.guarded { try self.finishedEpoch(epoch) }
        return self.stopper?.verdict.stops == true ? .stop : decision
      })
    do {
      try model.fit(
        training, batchSize: batchSize, epochs: epochs, initialEpoch: start.epoch, initialBatch: start.batch,
        initialScore: start.running, validationData: validation, callbacks: callbacks)
      if let failure { throw failure }
    } catch {
      for observer in observers { try? observer.stopped() }
      throw error
    }
    try stopper?.restoreBest()
  }

  private func guarded(_ body: () throws -> Void) -> FitDecision {
    do {
      try body()
      return .continue
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
    stopper?.observe(epoch)
    let record = EpochRecord(
      epoch: epoch.epoch + 1, epochs: epochs, training: epoch.training, validation: epoch.validation,
      trainingSeconds: trainingSeconds, seconds: (clock.now - epochStarted).inSeconds)
    records.append(record)
    for observer in observers { try observer.finishedEpoch(record) }
    epochStarted = clock.now
  }
}

extension EarlyStopping.Monitor {
  /// As it reads in a sentence: `validation loss`.
  fileprivate var name: String { rawValue.replacing("-", with: " ") }
}

extension Duration {
  /// As a number, to a nanosecond.
  var inSeconds: Double { self / .seconds(1) }
}
