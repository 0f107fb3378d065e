import ArgumentParser
import Foundation
import Im2col

struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers", abstract: "Single convolution layers, forward and backward.",
    discussion: """
      EXAMPLES
        bench layers --threads 1,2
        bench layers --shapes layers.json --only vgg3_2,vgg4_2 --json
        bench layers --shapes layers.json --check --rectified
      """)

  @Option(help: "A JSON list of layers; without it a small built-in one.")
  var shapes: String?

  @Option(help: "Only these layers, separated by commas.")
  var only: String?

  @Flag(help: "With --check: inputs and gradients as behind a ReLU, half of them zero.")
  var rectified = false

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  func validate() throws {
    guard !rectified || measuring.check else {
      throw ValidationError("--rectified goes with --check: what is timed is the same for all data.")
    }
  }

  func run() throws {
    let layers = try selected().map {
      LayerCases(shape: $0, geometry: try $0.geometry(), lowering: lowering, rectified: rectified)
    }
    let runner = try Runner(measuring, names: layers.flatMap { [$0.forwardName, $0.backwardName] })
    try runner.run(layers.lazy.flatMap { $0.cases() })
  }

  private func selected() throws -> [LayerShape] {
    let all =
      if let shapes { try LayerShape.read(path: shapes) } else {
        try LayerShape.list(from: Data(BuiltInShapes.json.utf8))
      }
    guard let only else { return all }
    let names = only.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw ValidationError("--only is empty; name layers, separated by commas.") }
    let known = all.map(\.name)
    if let unexpected = names.first(where: { !known.contains($0) }) {
      throw ValidationError(
        "There is no layer \"\(unexpected)\"; known are \(known.joined(separator: ", ")).")
    }
    return all.filter { names.contains($0.name) }
  }
}
