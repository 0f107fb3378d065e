import ArgumentParser
import Foundation
import Im2col

struct GemmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "The ceiling: sgemm itself, one BLAS thread a worker.",
    discussion: """
      Every worker multiplies matrices of its own at the same time: big squares, the tiles that the layers \
      of a shapes file are cut into, and LeNet-5's products.

      EXAMPLE
        bench gemm --threads 1,2
      """)

  @Option(help: "A JSON list of layers; without it a small built-in one.")
  var shapes: String?

  @Option(help: "Bytes of scratch a worker, which layers are cut to.")
  var scratch = ComputeOptions.defaultScratchBytes

  @OptionGroup var measuring: MeasuringOptions

  func validate() throws { try LoweringOptions.requireScratch(scratch) }

  func run() throws {
    let layers =
      if let shapes { try LayerShape.read(path: shapes) } else {
        try LayerShape.list(from: Data(BuiltInShapes.json.utf8))
      }
    let products = GemmCommand.distinct(
      [.square] + (try LeNetProducts.all())
        + (try layers.flatMap { ProductShape.tiles(of: try $0.geometry(), scratchBytes: scratch) }))
    let runner = try Runner(measuring, names: products.map(\.item.name))
    try runner.run(products.lazy.map(\.item))
  }

  /// The first of each.
  private static func distinct(_ shapes: [ProductShape]) -> [ProductShape] {
    var seen: Set<ProductShape> = []
    return shapes.filter { seen.insert($0).inserted }
  }
}

extension ProductShape {
  /// The product as a case: every worker does it, so a rate is that of all of them together.
  var item: BenchCase {
    BenchCase(name: "gemm/\(self)") { crew in
      let load = SgemmLoad(self, workers: crew.workers)
      return CasePlan(
        firstMismatch: load.firstMismatch, run: load.run, flops: flops * Double(crew.threads),
        casesInRun: load.repetitions)
    }
  }
}
