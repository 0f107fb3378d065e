import ArgumentParser

/// Where a training is written down, epoch by epoch.
struct LogOptions: ParsableArguments {
  @Option(
    name: .customLong("log"),
    help: ArgumentHelp(
      """
      Add a row an epoch to this file, as CSV or as JSON lines by its name's end: .csv or .jsonl.
      """, valueName: "file"), completion: .file(extensions: ["csv", "jsonl"]))
  var path: String?

  func validate() throws {
    try requireName(path, "--log")
    if let path, LogFormat(path: path) == nil {
      throw ValidationError("--log is \(path); its name has to end in .csv or .jsonl")
    }
  }

  /// The log of a training; nil where none was asked for.
  func observer(seed: UInt64, rate: @escaping (_ epoch: Int) -> Float) -> TrainingLog? {
    guard let path, let format = LogFormat(path: path) else { return nil }
    return TrainingLog(path: path, format: format, seed: seed, rate: rate)
  }
}
