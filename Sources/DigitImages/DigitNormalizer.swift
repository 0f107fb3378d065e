import Im2col

/// Converts a drawing to an image like MNIST's, as its authors describe: scaled to fit 20x20 pixels with
/// anti-aliasing, aspect ratio preserved, and placed in 28x28 with its center of mass in the middle.
///
///     drawing, any size       bounding box -> 20 pixels  center of mass -> pixel (14, 14)
///     +---------------+       +------+                   +----------------+
///     |       ##      |       |  ##  |                   |      ####      |
///     |      ###      |  -->  | ###  |  -->              |     #####      |
///     |       ##      |       |  ##  |                   |      ####      |
///     +---------------+       +------+                   +----------------+
///
/// From: LeCun, Cortes, Burges, "The MNIST database of handwritten digits"; Bottou et al., "Comparison of
/// classifier methods: a case study in handwritten digit recognition", ICPR 1994. Normalizing an
/// MNIST image leaves it unchanged, except for pixels at a digit's edge that are fainter than a sixteenth of
/// its strongest ink.
package enum DigitNormalizer {
  /// The height and width of the image.
  package static let side = 28
  /// The longer side of the digit's bounding box.
  package static let boxSide = 20

  /// A normalized digit.
  package struct Digit: Sendable, Equatable {
    /// 28x28, light on dark.
    package let image: GrayImage
    /// Whether the drawing was dark on light.
    package let wasInverted: Bool
  }

  /// Normalizes a drawing.
  ///
  /// - Throws: `BlankImage` when it has no ink.
  /// - Complexity: O(pixels).
  package static func digit(_ drawing: GrayImage, _ polarity: InkPolarity = .auto) throws(BlankImage) -> Digit
  {
    let background = Background(borderOf: drawing, polarity)
    let box = try BoundingBox(of: drawing, on: background)
    let scaled = ScaledInk(of: drawing, in: box, on: background)
    return Digit(image: centered(scaled), wasInverted: background.isLight)
  }

  /// Moves the ink by whole pixels, which preserves its shades, and keeps it inside the image.
  private static func centered(_ ink: ScaledInk) -> GrayImage {
    var pixels = [UInt8](repeating: 0, count: side * side)
    let center = ink.centerOfMass
    let top = min(max(Int((Double(side / 2) - center.row).rounded()), 0), side - ink.rows)
    let left = min(max(Int((Double(side / 2) - center.column).rounded()), 0), side - ink.columns)
    let strongest = ink.values.max() ?? 0
    for row in 0..<ink.rows {
      for column in 0..<ink.columns {
        // The strongest ink becomes white, even where downscaling has faded a thin line.
        let value = ink.values[row * ink.columns + column] / strongest
        pixels[(top + row) * side + left + column] = UInt8((255 * value).rounded())
      }
    }
    return GrayImage(size: Size2D(height: side, width: side), pixels: pixels)
  }
}

/// The ink of a bounding box, scaled to MNIST's size.
private struct ScaledInk {
  let rows, columns: Int
  /// `[rows, columns]`, row-major; at least one is positive.
  private(set) var values: [Double]

  /// Resamples along the rows first, then along the columns.
  init(of drawing: GrayImage, in box: BoundingBox, on background: Background) {
    let scale = Double(DigitNormalizer.boxSide) / Double(box.longerSide)
    let across = AreaResampling(length: box.columns.count, scale: scale)
    let down = AreaResampling(length: box.rows.count, scale: scale)
    let inks = (0...255).map { pixel in
      let ink = background.ink(UInt8(pixel))
      return ink >= box.threshold ? Double(ink) : 0
    }
    (rows, columns) = (down.count, across.count)
    values = [Double](repeating: 0, count: rows * columns)
    var line = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      down.forEachPart(of: row) { old, weight in
        let start = (box.rows.lowerBound + old) * drawing.size.width + box.columns.lowerBound
        for column in 0..<columns {
          var sum = 0.0
          across.forEachPart(of: column) { sum += $1 * inks[Int(drawing.pixels[start + $0])] }
          line[column] = sum
        }
        for column in 0..<columns { values[row * columns + column] += weight * line[column] }
      }
    }
  }

  /// The mean row and column, weighted by the ink.
  var centerOfMass: (row: Double, column: Double) {
    var (mass, row, column) = (0.0, 0.0, 0.0)
    for (index, value) in values.enumerated() {
      mass += value
      row += value * Double(index / columns)
      column += value * Double(index % columns)
    }
    return (row / mass, column / mass)
  }
}
