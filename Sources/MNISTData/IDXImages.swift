import Im2col

/// Unlabeled images with one byte per pixel, from an IDX file.
public struct IDXImages: Sendable {
  /// The number of images, at least 1.
  public let count: Int
  /// The height and width of every image.
  public let size: Size2D
  /// The bytes `[count, rows, columns]`, row-major.
  public let pixels: [UInt8]

  /// Reads and checks a file of images, raw or gzip.
  ///
  /// - Throws: `DatasetError` when the file cannot be read or is invalid.
  /// - Complexity: O(*n*) for *n* pixels.
  public init(path: String) throws(DatasetError) {
    let file = try IDXFile(.images, path: path)
    count = file.sizes[0]
    size = Size2D(height: file.sizes[1], width: file.sizes[2])
    pixels = file.bytes
  }

  /// A range of the images, scaled, as `[range.count, rows, columns, 1]`.
  ///
  /// - Throws: `ShapeError.outOfRange` when the range does not lie in `0..<count`.
  public func tensor(_ range: Range<Int>, scale: PixelScale = .over255) throws(ShapeError) -> Tensor {
    for index in [range.lowerBound, range.upperBound - 1] where !range.isEmpty {
      guard (0..<count).contains(index) else {
        throw .outOfRange("the image index", value: index, range: 0..<count)
      }
    }
    let perImage = size.height * size.width
    let bytes = range.isEmpty ? [] : pixels[range.lowerBound * perImage..<range.upperBound * perImage]
    return Tensor(
      validated: [range.count, size.height, size.width, 1], scalars: bytes.map { scale($0) })
  }
}
