import Im2col

/// Makes of any drawing a picture such as MNIST has, the way that its makers describe: fitted into 20x20 pixels with
/// its proportions kept, anti-aliased, and laid into 28x28 with its center of mass in the middle.
///
///     drawing, any size       ink box -> 20 pixels       center of mass -> pixel (14, 14)
///     +---------------+       +------+                   +----------------+
///     |       ##      |       |  ##  |                   |      ####      |
///     |      ###      |  -->  | ###  |  -->              |     #####      |
///     |       ##      |       |  ##  |                   |      ####      |
///     +---------------+       +------+                   +----------------+
///
/// From: LeCun, Cortes, Burges, "The MNIST database of handwritten digits"; Bottou et al., "Comparison of classifier
/// methods: a case study in handwritten digit recognition", ICPR 1994. MNIST's own images stay as they are, but for
/// shades at a digit's edge that are fainter than a sixteenth of its strongest ink.
package enum DigitNormalizer {
  /// The side of what a network sees.
  package static let side = 28
  /// The longer side of the digit's box.
  package static let boxSide = 20

  /// A digit as a network expects it.
  package struct Digit: Sendable, Equatable {
    /// 28x28, light on black.
    package let image: GrayImage
    /// Whether the drawing was dark on light.
    package let wasInverted: Bool
  }

  /// Normalizes a drawing.
  ///
  /// - Throws: `BlankImage` when there is no ink on it.
  /// - Complexity: O(pixels).
  package static func digit(_ drawing: GrayImage, _ polarity: InkPolarity = .auto) throws(BlankImage) -> Digit
  {
    let background = Background(borderOf: drawing, polarity)
    let box = try BoundingBox(of: drawing, on: background)
    let scaled = ScaledInk(of: drawing, in: box, on: background)
    return Digit(image: centered(scaled), wasInverted: background.isLight)
  }

  /// Moves by whole pixels, so that the shades stay; and never beyond the edge.
  private static func centered(_ ink: ScaledInk) -> GrayImage {
    var pixels = [UInt8](repeating: 0, count: side * side)
    let center = ink.centerOfMass
    let top = min(max(Int((Double(side / 2) - center.row).rounded()), 0), side - ink.rows)
    let left = min(max(Int((Double(side / 2) - center.column).rounded()), 0), side - ink.columns)
    let strongest = ink.values.max() ?? 0
    for row in 0..<ink.rows {
      for column in 0..<ink.columns {
        // The strongest is white, also where a thin line was made smaller.
        let value = ink.values[row * ink.columns + column] / strongest
        pixels[(top + row) * side + left + column] = UInt8((255 * value).rounded())
      }
    }
    return GrayImage(size: Size2D(height: side, width: side), pixels: pixels)
  }
}

/// The ink of a box at the scale of MNIST's.
private struct ScaledInk {
  let rows, columns: Int
  /// `[rows, columns]`; some of them positive.
  private(set) var values: [Double]

  /// First along the rows, then along the columns.
  init(of drawing: GrayImage, in box: BoundingBox, on background: Background) {
    let scale = Double(DigitNormalizer.boxSide) / Double(box.longer)
    let across = AreaResampling(length: box.columns.count, scale: scale)
    let down = AreaResampling(length: box.rows.count, scale: scale)
    let inks = (0...255).map { pixel in
      let ink = background.ink(UInt8(pixel))
      return ink >= box.weakest ? Double(ink) : 0
    }
    (rows, columns) = (down.count, across.count)
    values = [Double](repeating: 0, count: rows * columns)
    var line = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      down.forEachPart(of: row) { old, share in
        let start = (box.rows.lowerBound + old) * drawing.size.width + box.columns.lowerBound
        for column in 0..<columns {
          var sum = 0.0
          across.forEachPart(of: column) { sum += $1 * inks[Int(drawing.pixels[start + $0])] }
          line[column] = sum
        }
        for column in 0..<columns { values[row * columns + column] += share * line[column] }
      }
    }
  }

  /// Mean row and column, weighted with the ink.
  var centerOfMass: (row: Double, column: Double) {
    var (mass, row, column) = (0.0, 0.0, 0.0)
    for (place, value) in values.enumerated() {
      mass += value
      row += value * Double(place / columns)
      column += value * Double(place % columns)
    }
    return (row / mass, column / mass)
  }
}
