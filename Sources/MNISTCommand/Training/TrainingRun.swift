import ConvNet
import ConvNetFiles
import MNISTData

/// Fits a model and notifies the observers after each batch and epoch.
final class TrainingRun {
  let model: Sequential
  let training: ShiftedImages
  let validation: LabeledImages?
  let epochs: Int
  let batchSize: Int
  let observers: [any TrainingObserver]
  /// nil without early stopping.
  private let stopper: EarlyStopper?

  /// The state that the run starts from.
  private let start: TrainingProgress
  private let clock = ContinuousClock()
  private var epochStarted = ContinuousClock.now
  private var trainingSeconds: Double
  /// The error thrown inside a callback.
  private var failure: (any Error)?
  /// The completed epochs, including those of earlier processes.
  private(set) var records: [EpochRecord]

  init(
    _ model: Sequential, training: ShiftedImages, validation: LabeledImages?, epochs: Int, batchSize: Int,
    from start: TrainingProgress, stopper: EarlyStopper? = nil, observers: [any TrainingObserver]
  ) {
    (self.model, self.training, self.validation) = (model, training, validation)
    (self.epochs, self.batchSize, self.observers) = (epochs, batchSize, observers)
    (self.start, self.stopper, trainingSeconds) = (start, stopper, start.seconds)
    records = start.completed.enumerated().map { EpochRecord($1, epoch: $0 + 1, epochs: epochs) }
  }

  /// The epoch with the best monitored score, counted from 1; nil without early stopping.
  var bestEpoch: Int? { stopper?.best.map { $0.epoch + 1 } }

  /// A message with the epoch whose model is kept and the reason; nil if it is the last epoch.
  var stoppingNote: String? {
    guard let stopper, let best = bestEpoch, best < records.count else { return nil }
    let (waited, score) = (stopper.verdict.waited, stopper.rule.monitor.name)
    guard stopper.verdict.stops, records.count < epochs else {
      return "keeping the model of epoch \(best): no later epoch had a better \(score)"
    }
    return "stopped after epoch \(records.count): \(waited) epoch\(waited == 1 ? "" : "s") without a better "
      + "\(score); keeping the model of epoch \(best)"
  }

  /// Trains the remaining epochs.
  ///
  /// - Throws: `Divergence` if a loss is no longer finite, errors of observers, and `EngineError` if the
  ///   images do not fit the model.
  func run() throws {
    // The resumed run had already stopped early.
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
    // No loss of this epoch includes the effect of the last update.
    if let parameter = model.parameters.first(where: { !$0.isFinite }) {
      throw Divergence("a parameter is \(parameter.magnitude)", epoch: epoch.epoch + 1)
    }
    // Finite parameters can still be so large that the output overflows.
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
  /// The name in a sentence: `validation loss`.
  fileprivate var name: String { rawValue.replacing("-", with: " ") }
}

extension Duration {
  /// The duration in seconds.
  var inSeconds: Double { self / .seconds(1) }
}
