import ArgumentParser
import ConvNetFiles

/// Whether and how a training can be taken up again.
struct CheckpointOptions: ParsableArguments {
  @Option(
    name: .customLong("checkpoint"),
    help: ArgumentHelp(
      "Save the state of the training in this folder after every epoch, and when it is interrupted.",
      valueName: "dir"), completion: .directory)
  var folder: String?

  @Option(help: ArgumentHelp("Save after every so many updates, too.", valueName: "steps"))
  var every: Int?

  @Option(
    help: ArgumentHelp(
      "How many of the newest checkpoints to keep, besides that of the epoch of least loss. (default: 3)",
      valueName: "count"))
  var keep: Int?

  @Flag(help: "Go on from the newest good checkpoint; from the beginning where there is none yet.")
  var resume = false

  static let defaultKeep = 3

  func validate() throws {
    try requireName(folder, "--checkpoint")
    let counts = 1...Int(Int32.max)
    if let every { try require(every, in: counts, "--every") }
    if let keep { try require(keep, in: counts, "--keep") }
    guard folder == nil else { return }
    let lonely = [("--every", every != nil), ("--keep", keep != nil), ("--resume", resume)]
    if let option = lonely.first(where: \.1)?.0 {
      throw ValidationError("\(option) needs --checkpoint DIR, the folder to save in")
    }
  }

  /// Checks that a checkpoint can hold the records of so many epochs.
  func requireRoom(epochs: Int) throws {
    guard folder == nil || epochs <= TrainingProgress.epochLimit else {
      throw ValidationError(
        "--epochs is \(epochs); with --checkpoint it must lie in 1...\(TrainingProgress.epochLimit)")
    }
  }

  /// Opens the folder and keeps other trainings out; nil where none is asked for.
  ///
  /// - Throws: `ValidationError` when it has checkpoints that nobody asked to go on from; else `CheckpointError`.
  func open() throws -> CheckpointFolder? {
    guard let path = folder else { return nil }
    let folder = try CheckpointFolder(path)
    if !resume, let newest = try folder.steps().first {
      throw ValidationError(
        "\(folder.path(step: newest)) is the checkpoint of an earlier training; go on from it with --resume, "
          + "or name another folder")
    }
    return folder
  }
}
