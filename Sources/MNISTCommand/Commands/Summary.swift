import ArgumentParser
import ConvNet
import ConvNetFiles

/// `mnist summary`: the layers of a model with their costs, and the origin of a model file.
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a model's layers with their shapes, parameters and costs.",
    discussion: """
      EXAMPLES
        mnist summary
        mnist summary --model lenet5.safetensors --json
      """)

  @Option(
    help: ArgumentHelp("The model file. (default: an untrained LeNet-5)", valueName: "file"),
    completion: .model)
  var model: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws { try requireName(model, "--model") }

  func run() throws {
    let file = try model.map { try ModelFile(contentsOf: $0) }
    let network =
      try file?.model() ?? Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    try StandardStream.output.line(json ? record(of: network, file) : text(of: network, file))
  }

  private func text(of network: Sequential, _ file: ModelFile?) -> String {
    guard let file else { return network.summary() }
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
    let lines = facts.map { $0 + String(repeating: " ", count: width + 2 - $0.count) + $1.printable }
    return ([network.summary(), ""] + lines).joined(separator: "\n")
  }

  private func record(of network: Sequential, _ file: ModelFile?) throws -> String {
    struct LayerRecord: Encodable {
      let name, kind: String
      let output: [Int]
      let parameters: Int
      let flops: Double
      let scratch_bytes, prepared_bytes: Int
      let lowering: String?
    }
    var line = JSONLine()
    if let model { try line.add("model", model) }
    try line.add("input", network.inputShape)
    try line.add("parameters", network.parameterCount)
    try line.add(
      "layers",
      network.summaryRows.map {
        LayerRecord(
          name: $0.name, kind: $0.kind, output: $0.outputShape, parameters: $0.parameters,
          flops: $0.forwardFLOPs, scratch_bytes: $0.scratchBytes, prepared_bytes: $0.preparedBytes,
          lowering: $0.lowering)
      })
    guard let file else { return line.text }
    try line.add("classes", file.classNames)
    try line.add("pixel_divisor", file.pixelDivisor)
    try line.add("sha256", file.digest)
    if let versions = file.versions { try line.add("versions", versions) }
    try line.add("notes", file.notes)
    return line.text
  }
}
