import ConvNet
import ConvNetFiles
import Glibc

/// Saves a training while it goes on, and ends it when a signal asks for that.
///
///     batch ... batch    saved after every `every` updates
///     validation         saved always, with the epoch's record
///     signal             saved, then `Interrupted` is thrown
final class CheckpointKeeper: TrainingObserver {
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
  /// Finished epochs and what is done of the next one.
  private(set) var progress = TrainingProgress()
  /// The last checkpoint that is known to be good.
  private(set) var lastPath: String?
  /// Who knows the best epoch's parameters; nil where nobody asks for them.
  private var stopper: EarlyStopper?
  /// Those of a checkpoint.
  private var bestParameters: [Float]?

  /// - Parameters:
  ///   - model: compiled; with its parameters as yet untrained.
  ///   - settings: what decides the bits.
  ///   - pixelDivisor: for whoever uses a checkpoint as a model.
  ///   - classNames: likewise.
  init(
    _ folder: CheckpointFolder, options: CheckpointOptions, model: Sequential, settings: TrainingSettings,
    pixelDivisor: Int, classNames: [String]
  ) throws {
    (self.folder, every, keep) = (folder, options.every, options.keep ?? CheckpointOptions.defaultKeep)
    (self.model, self.settings) = (model, settings)
    (self.pixelDivisor, self.classNames) = (pixelDivisor, classNames)
    fingerprint = try .current()
  }

  // MARK: - Going on

  /// Gives the model the state of the newest good checkpoint, if there is one.
  ///
  /// - Parameters:
  ///   - epochs: where the training shall end.
  ///   - say: shows a line to people.
  ///   - warn: the same for what they should not miss.
  /// - Throws: `OtherTraining` when options or images are not those of the checkpoint, `CheckpointError` when
  ///   no checkpoint can be used.
  func resume(epochs: Int, say: (String) -> Void, warn: (String) -> Void) throws {
    let search = try folder.newest()
    for reason in search.skipped { warn("skipped a checkpoint: \(reason)") }
    guard let (path, checkpoint) = search.found else {
      return say("no checkpoint in \(folder.path) yet: training from the beginning")
    }
    try requireSameTraining(checkpoint, path: path, epochs: epochs)
    try checkpoint.restore(to: model)
    (progress, lastPath, bestParameters) = (checkpoint.progress, path, checkpoint.bestParameters)
    if checkpoint.fingerprint != fingerprint { warn(otherArithmetic(checkpoint)) }
    say(resumption(from: path, epochs: epochs))
  }

  /// Early stopping that goes on where the checkpoint left it; its best parameters are saved from now on.
  func stopper(_ rule: EarlyStopping) -> EarlyStopper {
    let stopper = EarlyStopper(
      rule, of: model,
      epochs: progress.finished.enumerated().map {
        History.Epoch(epoch: $0, training: $1.training, validation: $1.validation)
      }, bestParameters: bestParameters)
    self.stopper = stopper
    return stopper
  }

  private func requireSameTraining(_ checkpoint: Checkpoint, path: String, epochs: Int) throws {
    let differences = checkpoint.settings.disagreements(with: settings)
    guard differences.isEmpty else { throw OtherTraining(path: path, differences: differences) }
    let (epoch, batch) = (checkpoint.progress.epoch, checkpoint.progress.batch)
    guard epoch + (batch > 0 ? 1 : 0) <= epochs else {
      let place = batch > 0 ? "in epoch \(epoch + 1)" : "at the end of epoch \(epoch)"
      throw OtherTraining(
        path: path, finding: "--epochs is \(epochs), but the training is \(place) already", isUsage: true)
    }
  }

  private func otherArithmetic(_ checkpoint: Checkpoint) -> String {
    let (saved, now) = (checkpoint.model.versions, Versions.current)
    let before = saved.map { "\($0.openBLAS.printable) on \($0.core.printable)" } ?? "unknown"
    let part = checkpoint.fingerprint.products == fingerprint.products ? "this package" : "OpenBLAS"
    return "\(part) rounds differently here than where the checkpoint was saved (\(before); "
      + "here \(now.openBLAS) on \(now.core)): the training goes on, but it cannot end with the bits "
      + "of one that was never stopped"
  }

  private func resumption(from path: String, epochs: Int) -> String {
    let (done, batch) = (progress.epoch, progress.batch)
    if done == epochs { return "all \(epochs) epochs are done in \(path): only the test is left" }
    let place =
      batch > 0 ? "epoch \(done + 1), batch \(NumberText.grouped(batch))" : "the end of epoch \(done)"
    return "going on from \(path): \(place)"
  }

  // MARK: - Saving

  func began(_ outline: TrainingOutline) {
    epochStarted = clock.now - .seconds(progress.seconds)
  }

  func finishedBatch(_ report: BatchReport) throws {
    (progress.batch, progress.running) = (report.batch + 1, report.running)
    let signal = Interrupts.pending
    // The end of the epoch saves more, a moment later.
    let isLast = report.batch + 1 == report.batches
    let updates = report.epoch * report.batches + report.batch + 1
    let isDue = every.map { updates.isMultiple(of: $0) && !isLast } ?? false
    if isDue || signal != nil { try save() }
    try endIfAsked(signal)
  }

  func finishedEpoch(_ record: EpochRecord) throws {
    progress.finished.append(
      FinishedEpoch(
        updates: model.optimizerState?.updates ?? 0, training: record.training,
        validation: record.validation, trainingSeconds: record.trainingSeconds, seconds: record.seconds))
    (progress.batch, progress.running, epochStarted) = (0, Score(), clock.now)
    try save()
    try endIfAsked(Interrupts.pending)
  }

  private func endIfAsked(_ signal: Int32?) throws {
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
      throw divergence("\(parameter) has an element that is \(value.magnitude)")
    } catch CheckpointError.notFinite(let array, _, let value) {
      throw divergence("\(array) has an element that is \(value.magnitude)")
    }
    lastPath = try folder.save(checkpoint, keep: keep)
  }

  private func divergence(_ finding: String) -> Divergence {
    let (epoch, batch) = (progress.epoch, progress.batch)
    return batch > 0
      ? Divergence(finding, epoch: epoch + 1, batch: batch) : Divergence(finding, epoch: epoch)
  }
}

/// A checkpoint of a training that is not the one that was asked for.
struct OtherTraining: Error, CustomStringConvertible {
  let description: String
  /// Whether options are to blame and not images.
  let isUsage: Bool

  init(path: String, finding: String, isUsage: Bool) {
    description =
      "cannot go on from \(path): \(finding); give the options that it was made with, "
      + "or train in another folder"
    self.isUsage = isUsage
  }

  init(path: String, differences: [TrainingSettings.Disagreement]) {
    self.init(
      path: path, finding: differences.map(\.description).joined(separator: ", "),
      isUsage: differences.contains { $0.name.contains("--") })
  }
}
