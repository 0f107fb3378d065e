import ArgumentParser
import ConvNetFiles

/// Options for saving and resuming a training run.
struct CheckpointOptions: ParsableArguments {
  @Option(
    name: .customLong("checkpoint"),
    help: ArgumentHelp(
      "Save the training state in this folder after every epoch and on interruption.",
      valueName: "dir"), completion: .directory)
  var folder: String?

  @Option(help: ArgumentHelp("Also save after every <n> updates.", valueName: "n"))
  var every: Int?

  @Option(
    help: ArgumentHelp(
      "The number of newest checkpoints to keep, besides that of the epoch with the lowest loss. (default: 3)",
      valueName: "n"))
  var keep: Int?

  @Flag(help: "Resume from the newest valid checkpoint; start from the beginning if there is none.")
  var resume = false

  static let defaultKeep = 3

  func validate() throws {
    try requireName(folder, "--checkpoint")
    let counts = 1...Int(Int32.max)
    if let every { try require(every, in: counts, "--every") }
    if let keep { try require(keep, in: counts, "--keep") }
    guard folder == nil else { return }
    let dependent = [("--every", every != nil), ("--keep", keep != nil), ("--resume", resume)]
    if let option = dependent.first(where: \.1)?.0 {
      throw ValidationError("\(option) needs --checkpoint DIR, the folder for the checkpoints")
    }
  }

  /// Checks that a checkpoint can hold the records of all epochs.
  func requireEpochLimit(epochs: Int) throws {
    guard folder == nil || epochs <= TrainingProgress.epochLimit else {
      throw ValidationError(
        "--epochs is \(epochs); with --checkpoint it must be in 1...\(TrainingProgress.epochLimit)")
    }
  }

  /// Opens and locks the folder; nil without `--checkpoint`.
  ///
  /// - Throws: `ValidationError` if the folder has checkpoints and `--resume` is not given; otherwise
  ///   `CheckpointError`.
  func open() throws -> CheckpointFolder? {
    guard let path = folder else { return nil }
    let folder = try CheckpointFolder(path, calls: FileWarnings.calls)
    if !resume, let newest = try folder.steps().first {
      throw ValidationError(
        "\(folder.path(step: newest)) is a checkpoint of an earlier run; resume it with --resume, "
          + "or choose another folder")
    }
    return folder
  }
}
