import ConvNet
import MNISTData

/// Fits a model and tells the observers, batch by batch and epoch by epoch.
final class TrainingRun {
  let model: Sequential
  let training: ShiftedImages
  let validation: LabelledImages?
  let epochs: Int
  let batchSize: Int
  let observers: [any TrainingObserver]
  /// nil: all epochs.
  private let stopper: EarlyStopper?

  private let clock = ContinuousClock()
  private var epochStarted = ContinuousClock.now
  private var trainingSeconds = 0.0
  /// The first thing that went wrong inside a callback.
  private var failure: (any Error)?
  /// The finished epochs.
  private(set) var records: [EpochRecord] = []

  init(
    _ model: Sequential, training: ShiftedImages, validation: LabelledImages?, epochs: Int, batchSize: Int,
    earlyStopping: EarlyStopping?, observers: [any TrainingObserver]
  ) {
    (self.model, self.training, self.validation) = (model, training, validation)
    (self.epochs, self.batchSize, self.observers) = (epochs, batchSize, observers)
    stopper = earlyStopping.map { EarlyStopper($0, of: model) }
  }

  /// The epoch that the model is from where early stopping chose it, counted from 1.
  var bestEpoch: Int? { stopper?.best.map { $0.epoch + 1 } }

  /// Why the training ended before its last epoch, in words; nil where it did not.
  var earlyEnd: String? {
    guard let stopper, stopper.verdict.stops, records.count < epochs, let best = bestEpoch else { return nil }
    let (waited, score) = (stopper.verdict.waited, stopper.rule.monitor.name)
    return "stopped after epoch \(records.count): \(waited) epoch\(waited == 1 ? "" : "s") without a better "
      + "\(score); this is the model of epoch \(best)"
  }

  /// Trains all epochs.
  ///
  /// - Throws: `Divergence` when a loss is no longer finite, what an observer threw, and `EngineError`
  ///   when the images do not fit the model.
  func run() throws {
    epochStarted = clock.now
    let callbacks = FitCallbacks(
      onBatch: { report in self.guarded { try self.finishedBatch(report) } },
      onEpoch: { epoch in
        let decision = self.guarded { try self.finishedEpoch(epoch) }
        return self.stopper?.verdict.stops == true ? .stop : decision
      })
    try model.fit(
      training, batchSize: batchSize, epochs: epochs, validationData: validation, callbacks: callbacks)
    if let failure {
      for observer in observers { try? observer.stopped() }
      throw failure
    }
    try stopper?.restoreBest()
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
    stopper?.observe(epoch)
    let record = EpochRecord(
      epoch: epoch.epoch + 1, epochs: epochs, training: epoch.training, validation: epoch.validation,
      trainingSeconds: trainingSeconds, seconds: (clock.now - epochStarted).inSeconds)
    records.append(record)
    for observer in observers { try observer.finishedEpoch(record) }
    epochStarted = clock.now
  }
}

/// A training whose numbers left the range of Float32.
struct Divergence: Error, CustomStringConvertible {
  let description: String

  init(_ finding: String, epoch: Int, batch: Int? = nil) {
    let place = batch.map { "in batch \($0)" } ?? "at the end"
    description = "\(finding) \(place) of epoch \(epoch); nothing was written, choose a lower --learning-rate"
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
