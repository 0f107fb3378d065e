import ArgumentParser
import ConvNetFiles
import Foundation
import MNISTData

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

  @Option(
    help: ArgumentHelp(
      "Write an HTML page in which the model computes forward and backward on a drawing to this file.",
      valueName: "file"),
    completion: .file(extensions: ["html"]))
  var playground: String?

  @OptionGroup var log: LogOptions

  func validate() throws {
    try requireName(model, "--model")
    try requireName(report, "--report")
    try requireName(playground, "--playground")
    try requireDifferent(model, log.path, "The model would replace the log")
    try requireDifferent(report, model, "The report would replace the model")
    try requireDifferent(report, log.path, "The report would replace the log")
    try requireDifferent(playground, model, "The playground would replace the model")
    try requireDifferent(playground, report, "The playground would replace the report")
    try requireDifferent(playground, log.path, "The playground would replace the log")
    try requirePageName(report, "--report")
    try requirePageName(playground, "--playground")
  }

  /// The pages to write after the test.
  ///
  /// - Parameter test: the test images.
  func pages(test: LabeledImages) -> [FinalPage] {
    let report = report.map { path in
      FinalPage(name: "report", path: path, write: ReportWriter(path: path, test: test).write)
    }
    let playground = playground.map { path in
      FinalPage(name: "playground", path: path) { result in
        try PlaygroundPage(model: result.file, network: result.file.model(), test: test).write(to: path)
      }
    }
    return [report, playground].compactMap { $0 }
  }

  /// Checks that no file takes the place of the checkpoints' folder or of a checkpoint in it.
  ///
  /// - Throws: `ValidationError` with the path.
  func requireApart(from checkpoints: String?) throws {
    for path in [model, report, playground, log.path].compactMap({ $0 }) {
      try requireDifferent(path, checkpoints, "\(path) would replace the folder of the checkpoints,")
      let file = URL(fileURLWithPath: path)
      guard file.lastPathComponent.hasPrefix("step-") else { continue }
      try requireDifferent(
        file.deletingLastPathComponent().path, checkpoints, "\(path) has the name of a checkpoint in")
    }
  }

  /// Checks that the files can be written, before training starts.
  func requireWritable() throws {
    for path in [model, report, playground].compactMap({ $0 }) { try AtomicFile.requireWritable(path) }
  }
}

/// Checks the extension of a report's file; nil if the option was not given.
///
/// - Throws: `ValidationError` with the option and the path.
func requirePageName(_ path: String?, _ option: String) throws {
  guard let path, ![".html", ".htm"].contains(where: path.lowercased().hasSuffix) else { return }
  throw ValidationError("\(option) is \(path); the name must end in .html or .htm")
}
