import ConvNet
import ConvNetFiles
import Glibc

/// Saves the state of a training run, and ends the run on a signal.
///
///     batch ... batch    saves after every `every` updates
///     validation         always saves, with the epoch's record
///     signal             saves, then throws `Interrupted`
final class Checkpointer: TrainingObserver {
  private let folder: CheckpointFolder
  private let every: Int?
  private let keep: Int
  private let model: Sequential
  private let settings: TrainingSettings
  private let pixelDivisor: Int
  private let classNames: [String]
  private let fingerprint: ArithmeticFingerprint

  private let clock = ContinuousClock()
  private var epochStarted = ContinuousClock.now
  /// The completed epochs and the state of the current one.
  private(set) var progress = TrainingProgress()
  /// The path of the last valid checkpoint.
  private(set) var lastPath: String?
  /// Has the parameters with the best monitored score; nil without early stopping.
  private var stopper: EarlyStopper?
  /// The parameters with the best monitored score, from a checkpoint.
  private var bestParameters: [Float]?

  /// - Parameters:
  ///   - model: the compiled model, with initial parameters.
  ///   - settings: the settings that determine the bits.
  ///   - pixelDivisor: stored, like `classNames`, so that a checkpoint can be used as a model file.
  init(
    _ folder: CheckpointFolder, options: CheckpointOptions, model: Sequential, settings: TrainingSettings,
    pixelDivisor: Int, classNames: [String]
  ) throws {
    (self.folder, every, keep) = (folder, options.every, options.keep ?? CheckpointOptions.defaultKeep)
    (self.model, self.settings) = (model, settings)
    (self.pixelDivisor, self.classNames) = (pixelDivisor, classNames)
    fingerprint = try .current()
  }

  // MARK: - Resuming

  /// Restores the model from the newest valid checkpoint, if there is one.
  ///
  /// - Parameters:
  ///   - epochs: the total number of epochs.
  ///   - printMessage: prints a message.
  ///   - printWarning: prints a warning.
  /// - Throws: `CheckpointMismatch` if options or images differ from those of the checkpoint,
  ///   `CheckpointError` if there are checkpoints but none is valid.
  func resume(epochs: Int, printMessage: (String) -> Void, printWarning: (String) -> Void) throws {
    let search = try folder.newest()
    for reason in search.skipped { printWarning("skipped a checkpoint: \(reason)") }
    guard let (path, checkpoint) = search.found else {
      return printMessage("no checkpoint in \(folder.path); starting from the beginning")
    }
    try requireSameSettings(checkpoint, path: path, epochs: epochs)
    try checkpoint.restore(to: model)
    (progress, lastPath, bestParameters) = (checkpoint.progress, path, checkpoint.bestParameters)
    if checkpoint.fingerprint != fingerprint { printWarning(roundingWarning(checkpoint)) }
    printMessage(resumption(from: path, epochs: epochs))
  }

  /// Returns an early stopper with the state restored from the checkpoint; later checkpoints save its best
  /// parameters.
  func stopper(_ rule: EarlyStopping) -> EarlyStopper {
    let stopper = EarlyStopper(
      rule, of: model,
      epochs: progress.completed.enumerated().map {
        History.Epoch(epoch: $0, training: $1.training, validation: $1.validation)
      }, bestParameters: bestParameters)
    self.stopper = stopper
    return stopper
  }

  private func requireSameSettings(_ checkpoint: Checkpoint, path: String, epochs: Int) throws {
    let differences = checkpoint.settings.disagreements(with: settings)
    guard differences.isEmpty else { throw CheckpointMismatch(path: path, differences: differences) }
    let (epoch, batch) = (checkpoint.progress.epoch, checkpoint.progress.batch)
    guard epoch + (batch > 0 ? 1 : 0) <= epochs else {
      let place = batch > 0 ? "in epoch \(epoch + 1)" : "at the end of epoch \(epoch)"
      throw CheckpointMismatch(
        path: path, finding: "--epochs is \(epochs), but the run is already \(place)", isOptionMismatch: true)
    }
  }

  private func roundingWarning(_ checkpoint: Checkpoint) -> String {
    let (saved, now) = (checkpoint.model.versions, Versions.current)
    let before = saved.map { "\($0.openBLAS.printable) on \($0.core.printable)" } ?? "unknown"
    let part = checkpoint.fingerprint.products == fingerprint.products ? "this package" : "OpenBLAS"
    return "\(part) rounds differently than when the checkpoint was saved (saved with \(before), "
      + "now \(now.openBLAS) on \(now.core)); the run continues, but its result will not be "
      + "bit-identical to that of an uninterrupted run"
  }

  private func resumption(from path: String, epochs: Int) -> String {
    let (done, batch) = (progress.epoch, progress.batch)
    if done == epochs { return "all \(epochs) epochs are done in \(path); only the test remains" }
    let place =
      batch > 0 ? "epoch \(done + 1), batch \(batch.grouped)" : "the end of epoch \(done)"
    return "resuming from \(path): \(place)"
  }

  // MARK: - Saving

  func began(_ outline: TrainingOutline) {
    epochStarted = clock.now - .seconds(progress.seconds)
  }

  func finishedBatch(_ report: BatchReport) throws {
    (progress.batch, progress.running) = (report.batch + 1, report.running)
    let signal = Interrupts.pending
    // The end of the epoch saves soon after, with the epoch's record.
    let isLast = report.batch + 1 == report.batches
    let updates = report.epoch * report.batches + report.batch + 1
    let isDue = every.map { updates.isMultiple(of: $0) && !isLast } ?? false
    if isDue || signal != nil { try save() }
    try endIfSignaled(signal)
  }

  func finishedEpoch(_ record: EpochRecord) throws {
    progress.completed.append(
      CompletedEpoch(
        updates: model.optimizerState?.updates ?? 0, training: record.training,
        validation: record.validation, trainingSeconds: record.trainingSeconds, seconds: record.seconds))
    (progress.batch, progress.running, epochStarted) = (0, Score(), clock.now)
    try save()
    try endIfSignaled(Interrupts.pending)
  }

  private func endIfSignaled(_ signal: Int32?) throws {
    if let signal, let lastPath { throw Interrupted(signal: signal, path: lastPath) }
  }

  private func save() throws {
    progress.seconds = progress.batch > 0 ? (clock.now - epochStarted).inSeconds : 0
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(
        model, pixelDivisor: pixelDivisor, classNames: classNames, progress: progress, settings: settings,
        fingerprint: fingerprint, bestParameters: stopper?.bestParameters)
    } catch CheckpointError.model(.notFinite(let parameter, _, let value)) {
      throw divergence("\(parameter) contains \(value.magnitude)")
    } catch CheckpointError.notFinite(let array, _, let value) {
      throw divergence("\(array) contains \(value.magnitude)")
    }
    lastPath = try folder.save(checkpoint, keep: keep)
  }

  private func divergence(_ finding: String) -> Divergence {
    let (epoch, batch) = (progress.epoch, progress.batch)
    return batch > 0
      ? Divergence(finding, epoch: epoch + 1, batch: batch) : Divergence(finding, epoch: epoch)
  }
}

/// A checkpoint whose options or images differ from those given now.
struct CheckpointMismatch: Error, CustomStringConvertible {
  let description: String
  /// Whether an option differs, and not only the images.
  let isOptionMismatch: Bool

  init(path: String, finding: String, isOptionMismatch: Bool) {
    description =
      "cannot resume from \(path): \(finding); use the original options, "
      + "or another --checkpoint folder"
    self.isOptionMismatch = isOptionMismatch
  }

  init(path: String, differences: [TrainingSettings.Disagreement]) {
    self.init(
      path: path, finding: differences.map(\.description).joined(separator: ", "),
      isOptionMismatch: differences.contains { $0.name.contains("--") })
  }
}
