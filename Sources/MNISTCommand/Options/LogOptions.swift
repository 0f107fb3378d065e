import ArgumentParser

/// The log file of a training run.
struct LogOptions: ParsableArguments {
  @Option(
    name: .customLong("log"),
    help: ArgumentHelp(
      """
      Append one row per epoch to this file: CSV (.csv) or JSON lines (.jsonl).
      """, valueName: "file"), completion: .file(extensions: ["csv", "jsonl"]))
  var path: String?

  func validate() throws {
    try requireName(path, "--log")
    if let path, LogFormat(path: path) == nil {
      throw ValidationError("--log is \(path); the name must end in .csv or .jsonl")
    }
  }

  /// The log of a run; nil without `--log`.
  func observer(seed: UInt64, rate: @escaping (_ epoch: Int) -> Float) -> TrainingLog? {
    guard let path, let format = LogFormat(path: path) else { return nil }
    return TrainingLog(path: path, format: format, seed: seed, rate: rate)
  }
}
