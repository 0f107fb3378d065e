import ArgumentParser
import Foundation
import Im2col

struct GemmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "sgemm itself, with one BLAS thread per worker.",
    discussion: """
      All workers multiply at the same time, each its own matrices: large squares, the equivalent matrix products \
      of LeNet-5's layers, and the tiles of the layers of a shapes file. These are the sizes that im2col multiplies; \
      layers with another lowering do not call sgemm.

      EXAMPLE
        bench gemm --threads 1,2
      """)

  @Option(
    help: ArgumentHelp("A JSON list of layers. (default: a small built-in list)", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var shapes: String?

  @Option(help: ArgumentHelp("Scratch budget of a worker, which determines the tiles.", valueName: "bytes"))
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
    let runner = try Runner(measuring, names: products.map(\.item.name), columns: .products)
    try runner.run(products.lazy.map(\.item))
  }

  /// Returns the shapes without repetitions.
  private static func distinct(_ shapes: [ProductShape]) -> [ProductShape] {
    var seen: Set<ProductShape> = []
    return shapes.filter { seen.insert($0).inserted }
  }
}

extension ProductShape {
  /// The product as a case. All workers compute it, so its rate is that of all of them together.
  var item: BenchCase {
    BenchCase(name: "gemm/\(self)") { pool in
      let load = SgemmLoad(self, workers: pool.workers)
      return CasePlan(
        firstMismatch: load.firstMismatch, run: load.run, flops: flops * Double(pool.threads),
        casesInRun: load.repetitions)
    }
  }
}
