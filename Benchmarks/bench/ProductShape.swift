import ConvNet
import Im2col

/// The size of a matrix product, `[rows, k]` times `[k, columns]`.
struct ProductShape: Hashable, CustomStringConvertible {
  let rows: Int
  let columns: Int
  let k: Int
  /// Whether the left operand is stored as `[k, rows]`, as the columns are for a kernel gradient.
  var leftTransposed = false
  /// Whether the right operand is stored as `[columns, k]`.
  var rightTransposed = false

  /// Large enough for arithmetic to dominate.
  static let square = ProductShape(rows: 1024, columns: 1024, k: 1024)

  /// Multiplications and additions.
  var flops: Double { 2 * Double(rows) * Double(columns) * Double(k) }

  /// `rows x columns x k`, with BLAS' letters for a transposed operand: `TN`, `NT`.
  var description: String {
    let letters = (leftTransposed ? "T" : "N") + (rightTransposed ? "T" : "N")
    return "\(rows)x\(columns)x\(k)" + (letters == "NN" ? "" : letters)
  }

  /// The products of a layer's three passes under im2col, for a tile of pixels.
  ///
  ///     forward           tile of columns [pixels x K]       * kernel [K x outputs]
  ///     input gradient    output gradient [pixels x outputs] * kernel, transposed [outputs x K]
  ///     kernel gradient   tile of columns, transposed [K x pixels] * output gradient [pixels x outputs]
  static func tiles(of geometry: ConvolutionGeometry, scratchBytes: Int) -> [ProductShape] {
    let (k, outputs) = (geometry.patchLength, geometry.groupOutputChannels)
    let budget = max(1, scratchBytes / MemoryLayout<Float>.stride)
    let tile = min(
      max(1, geometry.pixels), max(tileRows.lowerBound, min(tileRows.upperBound, budget / k)))
    return [
      ProductShape(rows: tile, columns: outputs, k: min(k, max(1, budget / tile))),
      ProductShape(rows: tile, columns: min(k, max(1, budget / tile)), k: outputs),
      ProductShape(
        rows: min(k, max(1, budget / tile)), columns: outputs, k: tile, leftTransposed: true),
    ]
  }

  /// The pixels of a tile, as far as the budget allows.
  private static let tileRows = 64...256
}

extension ProductShape {
  /// Parses a `description`; nil if a size is not in 1...65,536 or a matrix is too large.
  init?(_ text: String) {
    let letters = text.drop { $0 != "T" && $0 != "N" }
    let sizes = text.dropLast(letters.count).split(separator: "x", omittingEmptySubsequences: false)
      .compactMap { Int($0) }
    guard sizes.count == 3, sizes.allSatisfy((1...65_536).contains) else { return nil }
    self.init(
      rows: sizes[0], columns: sizes[1], k: sizes[2], leftTransposed: letters.hasPrefix("T"),
      rightTransposed: letters.hasSuffix("T") && letters.count == 2)
    guard description == text, [rows * columns, rows * k, k * columns].allSatisfy({ $0 <= 1 << 26 })
    else { return nil }
  }

  init(_ product: OpProducts.Product) {
    self.init(
      rows: product.rows, columns: product.columns, k: product.k,
      leftTransposed: product.leftTransposed, rightTransposed: product.rightTransposed)
  }
}
