import ArgumentParser
import ConvNet
import ConvNetFiles

/// `mnist summary`: the layers of a model with their costs, and the origin of a model file.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a model's layers with their shapes, parameters and costs.",
    discussion: """
      EXAMPLE
        mnist summary --model lenet5.safetensors
      """)

  @Option(
    help: ArgumentHelp("The model file. (default: an untrained LeNet-5)", valueName: "file"),
    completion: .model)
  var model: String?

  func validate() throws { try requireName(model, "--model") }

  func run() throws {
    guard let model else {
      let network = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())
      return try StandardStream.output.line(network.summary())
    }
    let file = try ModelFile(contentsOf: model)
    var facts = [
      ("classes", file.classNames.joined(separator: ", ")), ("pixels", "bytes / \(file.pixelDivisor)"),
      ("sha256", file.digest),
    ]
    if let versions = file.versions {
      facts += [
        ("written by", "swift-im2col \(versions.package)"),
        ("with", "\(versions.openBLAS), kernels for \(versions.core)"),
      ]
    }
    facts += file.notes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let width = facts.map(\.0.count).max() ?? 0
    let lines = facts.map { $0 + String(repeating: " ", count: width + 2 - $0.count) + $1 }
    try StandardStream.output.line(([file.model().summary(), ""] + lines).joined(separator: "\n"))
  }
}
