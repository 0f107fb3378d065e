import Im2col

/// The smallest box around a picture's ink.
package struct BoundingBox: Sendable, Equatable {
  package let rows, columns: Range<Int>
  /// Weaker ink is noiseFloor.
  package let weakest: Int

  /// The longer side.
  package var longer: Int { max(rows.count, columns.count) }

  /// Ink that is no stronger than this, of 255, is no drawing.
  static let faintest = 24

  /// Looks for ink that is a sixteenth as strong as the strongest and stands out of the background's noiseFloor.
  ///
  /// - Throws: `BlankImage` when there is none.
  package init(of image: GrayImage, on background: Background) throws(BlankImage) {
    let inks = (0...255).map { background.ink(UInt8($0)) }
    var isThere = [Bool](repeating: false, count: 256)
    for pixel in image.pixels { isThere[Int(pixel)] = true }
    let strongest = (0...255).filter { isThere[$0] }.map { inks[$0] }.max() ?? 0
    guard strongest >= Self.faintest else {
      throw BlankImage(size: image.size, strongest: strongest, isLight: background.isLight)
    }
    // However grainy the background, the strongest half is ink.
    weakest = min(background.noiseFloor, strongest / 2)
    let visible = max(weakest, strongest / 16)
    let counts = inks.map { $0 >= visible && $0 > 0 }

    var (top, bottom, left, right) = (image.size.height, -1, image.size.width, -1)
    for row in 0..<image.size.height {
      let start = row * image.size.width
      for column in 0..<image.size.width where counts[Int(image.pixels[start + column])] {
        (top, bottom) = (min(top, row), row)
        (left, right) = (min(left, column), max(right, column))
      }
    }
    (rows, columns) = (top..<bottom + 1, left..<right + 1)
  }
}

/// A picture without anything on it.
package struct BlankImage: Error, Equatable, CustomStringConvertible {
  let size: Size2D
  let strongest: Int
  let isLight: Bool

  package var description: String {
    "the picture is blank: none of its \(size.width) x \(size.height) pixels is more than \(strongest) of 255 "
      + "\(isLight ? "darker" : "brighter") than its border; draw with more contrast, leave a margin around "
      + "the digit, or say --invert \(isLight ? "no" : "yes") (transparent parts count as white)"
  }
}
