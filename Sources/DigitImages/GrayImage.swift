import Im2col

/// A grayscale picture with one byte per pixel: 0 is black, 255 is white.
package struct GrayImage: Sendable, Equatable {
  /// Rows and columns; at least 1 each.
  package let size: Size2D
  /// `[height, width]`, row-major.
  package var pixels: [UInt8]

  /// Creates a picture from its pixels.
  ///
  /// - Precondition: there is one byte per pixel, and at least one pixel.
  package init(size: Size2D, pixels: [UInt8]) {
    precondition(
      size.height > 0 && size.width > 0 && pixels.count == size.height * size.width,
      "\(pixels.count) bytes for \(size.height) x \(size.width) pixels")
    (self.size, self.pixels) = (size, pixels)
  }

  /// The pixel at a row and a column.
  package subscript(row: Int, column: Int) -> UInt8 { pixels[row * size.width + column] }
}
