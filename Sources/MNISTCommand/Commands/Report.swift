import ArgumentParser
import ConvNet
import ConvNetFiles
import Foundation
import MNISTData

/// `mnist report`: an HTML page about a model.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a page about a model: curves, confusions, mistakes, kernels, feature maps.",
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

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    try requireName(model, "--model")
    try requireName(to, "--to")
    try requireDifferent(page, model, "The page would replace the model")
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    try AtomicFile.requireWritable(page)
    let network = try file.model()
    network.options = try threads.computeOptions()
    let location = try data.location()
    let images = try LabeledImages(.test, at: location, scale: file.pixelScale())
    StandardStream.error.note(location.announcement(for: images.name).printable + "\n")
    if let warning = classWarning(model: file.classNames, data: images) {
      StandardStream.error.note(warning + "\n")
    }
    let evaluation = try network.evaluateEach(images)
    guard evaluation.score.loss.isFinite else { throw NonFiniteOutput(path: model) }
    let report = TrainingReport(model: file, network: network, test: images, evaluation: evaluation)
    try report.write(to: page)
    try StandardStream.output.line("report  \(page.printable)")
  }

  /// The path of the page.
  private var page: String {
    to ?? URL(fileURLWithPath: model).deletingPathExtension().relativePath + ".html"
  }
}
