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

  @Option(
    help: ArgumentHelp("A JSON list of layers. (default: a small built-in list)", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var shapes: String?

  @Option(help: ArgumentHelp("Measure these layers only, comma-separated.", valueName: "names"))
  var only: String?

  @Flag(help: "With --check: use inputs and gradients as after a ReLU, half of them zero.")
  var rectified = false

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  func validate() throws {
    guard !rectified || measuring.check else {
      throw ValidationError("--rectified requires --check: the time of a layer does not depend on its data.")
    }
  }

  func run() throws {
    let layers = try selected().map {
      LayerCases(shape: $0, geometry: try $0.geometry(), lowering: lowering, rectified: rectified)
    }
    let runner = try Runner(
      measuring, names: layers.flatMap { [$0.forwardName, $0.backwardName] }, columns: .layers)
    try runner.run(layers.lazy.flatMap { $0.cases() })
  }

  private func selected() throws -> [LayerShape] {
    let all =
      if let shapes { try LayerShape.read(path: shapes) } else {
        try LayerShape.list(from: Data(BuiltInShapes.json.utf8))
      }
    guard let only else { return all }
    let names = only.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw ValidationError("--only is empty; name layers, comma-separated.") }
    let known = all.map(\.name)
    if let unexpected = names.first(where: { !known.contains($0) }) {
      throw ValidationError(
        "There is no layer \"\(unexpected)\"; use one of \(known.joined(separator: ", ")).")
    }
    return all.filter { names.contains($0.name) }
  }
}
