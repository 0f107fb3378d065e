import ArgumentParser
import ConvNetFiles
import Foundation

/// The files written by a training run.
struct OutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the model to this file after training and testing.", valueName: "file"),
    completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Write an HTML page with curves, confusions, errors and feature maps to this file.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @OptionGroup var log: LogOptions

  func validate() throws {
    try requireName(model, "--model")
    try requireName(report, "--report")
    try requireDifferent(model, log.path, "The model would replace the log")
    try requireDifferent(report, model, "The report would replace the model")
    try requireDifferent(report, log.path, "The report would replace the log")
    try requirePageName(report, "--report")
  }

  /// Checks that no file takes the place of the checkpoints' folder or of a checkpoint in it.
  ///
  /// - Throws: `ValidationError` with the path.
  func requireApart(from checkpoints: String?) throws {
    for path in [model, report, log.path].compactMap({ $0 }) {
      try requireDifferent(path, checkpoints, "\(path) would replace the folder of the checkpoints,")
      let file = URL(fileURLWithPath: path)
      guard file.lastPathComponent.hasPrefix("step-") else { continue }
      try requireDifferent(
        file.deletingLastPathComponent().path, checkpoints, "\(path) has the name of a checkpoint in")
    }
  }

  /// Checks that the files can be written, before training starts.
  func requireWritable() throws {
    for path in [model, report].compactMap({ $0 }) { try AtomicFile.requireWritable(path) }
  }
}

/// Checks the extension of a report's file; nil if the option was not given.
///
/// - Throws: `ValidationError` with the option and the path.
func requirePageName(_ path: String?, _ option: String) throws {
  guard let path, ![".html", ".htm"].contains(where: path.lowercased().hasSuffix) else { return }
  throw ValidationError("\(option) is \(path); the name must end in .html or .htm")
}
