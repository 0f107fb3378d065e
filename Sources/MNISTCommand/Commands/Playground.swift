import ArgumentParser
import ConvNet
import ConvNetFiles
import Foundation

/// `mnist playground`: a page in which a model computes forward and backward.
struct Playground: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a page in which a model computes forward and backward on a drawing.",
    discussion: """
      The page is one self-contained HTML file of at most 600,000 bytes, with the parameters of the model and a test \
      image of each class. In it, draw a digit, point at any output, gradient or weight to see the sum that it is, and \
      take steps of gradient descent. A second tab has a small net in integers with a tour.

      EXAMPLES
        mnist playground --model lenet5.safetensors --to playground.html
        mnist playground --model lenet5.safetensors --data mnist --to playground.html
      """)

  @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @Option(
    help: ArgumentHelp("Write the page to this file.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var to: String

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print results only, no progress.")
  var quiet = false

  func validate() throws {
    try requireName(model, "--model")
    try requireName(to, "--to")
    try requireDifferent(to, model, "The page would replace the model")
    try requirePageName(to, "--to")
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    try AtomicFile.requireWritable(to)
    let network = try file.model()
    try PlaygroundPage.requireFit(network)
    let images = try data.testImages(for: file, quiet: quiet)
    let page = PlaygroundPage(model: file, network: network, test: images)
    let bytes = Array(try page.page().utf8)
    try AtomicFile.write(bytes, to: to, calls: FileWarnings.calls)
    try StandardStream.output.line(
      json ? record(of: page, bytes: bytes.count) : "playground  \(to.printable)")
  }

  private func record(of page: PlaygroundPage, bytes: Int) throws -> String {
    var line = JSONLine()
    try line.add("playground", to)
    try line.add("model", model)
    try line.add("dataset", page.test.name)
    try line.add("bytes", bytes)
    return line.text
  }
}
