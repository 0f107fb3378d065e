import Im2col

/// One matrix product: `[rows, terms]` times `[terms, columns]`.
struct ProductShape: Hashable, CustomStringConvertible {
  let rows: Int
  let columns: Int
  let terms: Int
  /// Whether the left factor lies in memory as `[terms, rows]`, as columns do under a kernel's gradient.
  let leftTransposed: Bool

  /// Large enough that nothing but arithmetic counts.
  static let square = ProductShape(rows: 1024, columns: 1024, terms: 1024)

  /// Multiplications and additions.
  var flops: Double { 2 * Double(rows) * Double(columns) * Double(terms) }

  /// `rows x columns x terms`, `T` where the left factor is stored transposed.
  var description: String { "\(rows)x\(columns)x\(terms)\(leftTransposed ? "T" : "")" }

  /// Reads what `description` writes; nil where a size is not a number from 1 to 65,536, or all are too large.
  init?(_ text: String) {
    leftTransposed = text.hasSuffix("T")
    let sizes = text.dropLast(leftTransposed ? 1 : 0).split(separator: "x", omittingEmptySubsequences: false)
      .compactMap { Int($0) }
    guard sizes.count == 3, sizes.allSatisfy((1...65_536).contains) else { return nil }
    (rows, columns, terms) = (sizes[0], sizes[1], sizes[2])
    guard [rows * columns, rows * terms, terms * columns].allSatisfy({ $0 <= 1 << 26 }) else { return nil }
  }

  init(rows: Int, columns: Int, terms: Int, leftTransposed: Bool = false) {
    (self.rows, self.columns, self.terms, self.leftTransposed) = (rows, columns, terms, leftTransposed)
  }

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
