import ArgumentParser
import ConvNet
import ConvNetFiles
import Foundation

/// `mnist report`: an HTML page about a model.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a page about a model: curves, confusions, errors, kernels, feature maps.",
    discussion: """
      The page is one self-contained HTML file. It has the training curves if the model file has them, as those \
      written by 'mnist train' do.

      EXAMPLES
        mnist report --model lenet5.safetensors
        mnist report --model lenet5.safetensors --data mnist --to lenet5.html
      """)

  @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @Option(
    help: ArgumentHelp(
      "Write the page to this file. (default: the model file's name with .html)", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var to: String?

  /// The name of `--to` in `mnist train`.
  @Option(help: .hidden)
  var report: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print results only, no progress.")
  var quiet = false

  func validate() throws {
    try requireName(model, "--model")
    try requireName(to, "--to")
    try requireName(report, "--report")
    guard to == nil || report == nil else {
      throw ValidationError("--report is another name of --to; give one of them")
    }
    try requireDifferent(page, model, "The page would replace the model")
    try requirePageName(to, "--to")
    try requirePageName(report, "--report")
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    try AtomicFile.requireWritable(page)
    let network = try file.model()
    network.options = try threads.computeOptions()
    let images = try data.testImages(for: file, quiet: quiet)
    let evaluation = try Terminal(.error).whileShowing(
      quiet ? nil : "testing on \(images.count.grouped) images"
    ) {
      try network.evaluateEach(images)
    }
    guard evaluation.score.loss.isFinite else { throw NonFiniteOutput(path: model) }
    let report = TrainingReport(model: file, network: network, test: images, evaluation: evaluation)
    try report.write(to: page)
    try StandardStream.output.line(json ? record(of: report) : "report  \(page.printable)")
  }

  private func record(of report: TrainingReport) throws -> String {
    let score = report.evaluation.score
    var line = JSONLine()
    try line.add("report", page)
    try line.add("model", model)
    try line.add("dataset", report.test.name)
    try line.add("loss", score.loss)
    try line.add("accuracy", score.accuracy)
    try line.add("images", score.images)
    return line.text
  }

  /// The path of the page.
  private var page: String {
    to ?? report ?? URL(fileURLWithPath: model).deletingPathExtension().relativePath + ".html"
  }
}
