import Im2col

/// The bounding box of a picture's ink.
package struct BoundingBox: Sendable, Equatable {
  package let rows, columns: Range<Int>
  /// Weaker ink is noise.
  package let threshold: Int

  /// The number of pixels along the longer side.
  package var longerSide: Int { max(rows.count, columns.count) }

  /// Finds the pixels whose ink exceeds the background's noise floor and a sixteenth of the strongest ink.
  ///
  /// - Throws: `BlankImage` when there are none.
  package init(of image: GrayImage, on background: Background) throws(BlankImage) {
    let inks = (0...255).map { background.ink(UInt8($0)) }
    var occurs = [Bool](repeating: false, count: 256)
    for pixel in image.pixels { occurs[Int(pixel)] = true }
    let values = (0...255).filter { occurs[$0] }
    let (darkest, brightest) = (values.first ?? 0, values.last ?? 0)
    guard darkest < brightest else { throw .uniform(size: image.size, value: darkest) }
    guard brightest - darkest >= BlankImage.minContrast else {
      throw .lowContrast(size: image.size, contrast: brightest - darkest)
    }
    let strongest = values.map { inks[$0] }.max() ?? 0
    guard strongest >= BlankImage.minContrast else {
      throw .noInk(
        size: image.size, border: background.isLight ? 255 - background.level : background.level,
        isLight: background.isLight, strongest: strongest)
    }
    // However noisy the background is, the stronger half is ink.
    threshold = min(background.noiseFloor, strongest / 2)
    let visible = max(threshold, strongest / 16)
    let isInk = inks.map { $0 >= visible && $0 > 0 }

    var (top, bottom, left, right) = (image.size.height, -1, image.size.width, -1)
    for row in 0..<image.size.height {
      let start = row * image.size.width
      for column in 0..<image.size.width where isInk[Int(image.pixels[start + column])] {
        (top, bottom) = (min(top, row), row)
        (left, right) = (min(left, column), max(right, column))
      }
    }
    (rows, columns) = (top..<bottom + 1, left..<right + 1)
  }
}
