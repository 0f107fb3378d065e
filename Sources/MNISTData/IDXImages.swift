import Im2col

/// Images of one byte a pixel without labels, as an IDX file holds them.
public struct IDXImages: Sendable {
  /// How many images there are; at least 1.
  public let count: Int
  /// Rows and columns of every image.
  public let size: Size2D
  /// The bytes, `[count, rows, columns]`, row-major.
  public let pixels: [UInt8]

  /// Reads and checks a file of images, raw or gzip.
  ///
  /// - Throws: `DatasetError` when the file cannot be read or its content is not as announced.
  /// - Complexity: O(*n*) for *n* pixels, which are in memory once.
  public init(path: String) throws(DatasetError) {
    let file = try IDXFile(.images, path: path)
    count = file.sizes[0]
    size = Size2D(height: file.sizes[1], width: file.sizes[2])
    pixels = file.bytes
  }

  /// Some of the images, scaled, as `[range.count, rows, columns, 1]`.
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
