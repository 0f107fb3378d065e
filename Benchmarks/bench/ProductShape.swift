import Im2col

/// One matrix product: `[rows, terms]` times `[terms, columns]`.
struct ProductShape: Hashable, CustomStringConvertible {
  let rows: Int
  let columns: Int
  let terms: Int
  /// Whether the left factor lies in memory as `[terms, rows]`, as columns do under a kernel's gradient.
  var leftTransposed = false

  /// Large enough that nothing but arithmetic counts.
  static let square = ProductShape(rows: 1024, columns: 1024, terms: 1024)

  /// Multiplications and additions.
  var flops: Double { 2 * Double(rows) * Double(columns) * Double(terms) }

  /// `rows x columns x terms`, `T` where the left factor is stored transposed.
  var description: String { "\(rows)x\(columns)x\(terms)\(leftTransposed ? "T" : "")" }

  /// The products of a layer's directions, cut to a tile as the engine cuts them.
  ///
  ///     forward           tile of columns [pixels x K]      * kernel [K x outputs]
  ///     input gradient    output gradient [pixels x outputs] * kernel, turned [outputs x K]
  ///     kernel gradient   tile of columns, transposed [K x pixels] * output gradient [pixels x outputs]
  static func tiles(of geometry: ConvolutionGeometry, scratchBytes: Int) -> [ProductShape] {
    let (terms, outputs) = (geometry.columnLength, geometry.groupOutputChannels)
    let budget = max(1, scratchBytes / MemoryLayout<Float>.stride)
    let tile = min(
      max(1, geometry.pixels), max(tileRows.lowerBound, min(tileRows.upperBound, budget / terms)))
    return [
      ProductShape(rows: tile, columns: outputs, terms: min(terms, max(1, budget / tile))),
      ProductShape(rows: tile, columns: min(terms, max(1, budget / tile)), terms: outputs),
      ProductShape(
        rows: min(terms, max(1, budget / tile)), columns: outputs, terms: tile, leftTransposed: true),
    ]
  }

  /// Pixels of a tile where the budget allows a choice.
  private static let tileRows = 64...256
}
