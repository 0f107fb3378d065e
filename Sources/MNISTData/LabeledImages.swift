import Im2col

/// Images of one byte a pixel with a class each, or a part of such a set.
///
/// The bytes are scaled to numbers when they are asked for, an image or a tensor at a time:
/// 60,000 images of 28x28 take 47 MB instead of 188. A part of a set counts its images from
/// 0 again and shares the bytes of the whole.
///
///     let (training, validation) = try images.split(validation: 10_000)
///     let firstHundred = images[0..<100]
///     let (x, y) = (firstHundred.tensor(), firstHundred.oneHot())
public struct LabeledImages: Sendable {
  /// Which set this is, for example `mnist`.
  public let name: String
  /// What the classes are called; label *c* means class *c* of this list.
  public let classNames: [String]
  /// Rows and columns of every image.
  public let imageSize: Size2D
  /// How bytes become numbers.
  public let scale: PixelScale

  /// Every image of the set that this is a part of: count x rows x columns.
  private let pixels: [UInt8]
  private let labels: [UInt8]
  /// Which of them belong to this part.
  private let part: Range<Int>

  /// Wraps images and labels that are already in memory.
  ///
  /// - Parameters:
  ///   - pixels: `[count, rows, columns]`, row-major; the array is not copied.
  ///   - labels: `[count]`, each below the number of classes.
  ///   - imageSize: rows and columns of an image.
  /// - Throws: `ShapeError` with the numbers when a size is not positive, the counts do not
  ///   fit together, or a label is no class.
  public init(
    name: String = "images", pixels: [UInt8], labels: [UInt8], imageSize: Size2D, classNames: [String],
    scale: PixelScale = .over255
  ) throws(ShapeError) {
    try ShapeError.requirePositive(imageSize.height, "the images' height")
    try ShapeError.requirePositive(imageSize.width, "the images' width")
    let shape = [labels.count, imageSize.height, imageSize.width]
    let expected = try ShapeError.elementCount(of: shape, named: "set of images")
    guard pixels.count == expected else {
      throw .scalarCount(shape: shape, expected: expected, actual: pixels.count)
    }
    if let index = labels.firstIndex(where: { Int($0) >= classNames.count }) {
      throw .outOfRange("label \(index)", value: Int(labels[index]), range: 0..<classNames.count)
    }
    self.init(
      validated: name, pixels: pixels, labels: labels, part: labels.indices, imageSize: imageSize,
      classNames: classNames, scale: scale)
  }

  /// Wraps what has been checked already.
  init(
    validated name: String, pixels: [UInt8], labels: [UInt8], part: Range<Int>, imageSize: Size2D,
    classNames: [String], scale: PixelScale
  ) {
    (self.name, self.classNames, self.imageSize, self.scale) = (name, classNames, imageSize, scale)
    (self.pixels, self.labels, self.part) = (pixels, labels, part)
  }

  /// How many images there are.
  public var count: Int { part.count }

  /// The shape of one image as a network sees it: `[rows, columns, 1]`.
  public var imageShape: [Int] { [imageSize.height, imageSize.width, 1] }

  /// The class of an image.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public func label(of index: Int) -> Int {
    Int(labels[position(of: index)])
  }

  /// A part of these images, counted from 0 again.
  ///
  /// - Precondition: the range lies in `0..<count`; numbers from outside go to `split(validation:)`.
  /// - Complexity: O(1); the bytes are shared.
  public subscript(range: Range<Int>) -> LabeledImages {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "images \(range) of 0..<\(count) do not exist")
    return LabeledImages(
      validated: name, pixels: pixels, labels: labels,
      part: part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound, imageSize: imageSize,
      classNames: classNames, scale: scale)
  }

  /// Keeps the last images for validation: 60,000 with 10,000 of them for validation train on
  /// `0..<50000` and validate on `50000..<60000`.
  ///
  /// - Throws: `DatasetError.validationTooLarge` when the number is negative or leaves no image.
  /// - Complexity: O(1); the bytes are shared.
  public func split(validation: Int) throws(DatasetError)
    -> (training: LabeledImages, validation: LabeledImages)
  {
    guard validation >= 0, validation < count else {
      throw .validationTooLarge(validation: validation, images: count)
    }
    return (self[0..<count - validation], self[count - validation..<count])
  }

  /// The bytes of this part's pixels.
  func withPixelBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    let size = imageSize.height * imageSize.width
    pixels.withUnsafeBytes { body(.init(rebasing: $0[part.lowerBound * size..<part.upperBound * size])) }
  }

  /// The bytes of this part's labels.
  func withLabelBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    labels.withUnsafeBytes { body(.init(rebasing: $0[part])) }
  }

  private func position(of index: Int) -> Int {
    precondition(index >= 0 && index < count, "image \(index) of 0..<\(count) does not exist")
    return part.lowerBound + index
  }
}

// MARK: - Bytes to numbers

extension LabeledImages {
  /// Writes an image, scaled, row-major as `[rows, columns, 1]`.
  ///
  /// - Precondition: `index` is in `0..<count`, and `destination` has one element a pixel.
  public func copyPixels(of index: Int, into destination: inout MutableSpan<Float>) {
    let size = imageSize.height * imageSize.width
    let start = position(of: index) * size
    precondition(destination.count == size, "\(destination.count) numbers of room for \(size) pixels")
    let divisor = Float(scale.rawValue)
    pixels.withUnsafeBufferPointer { pixels in
      destination.withUnsafeMutableBufferPointer { destination in
        // Plain pointers and a loop without traps, which the compiler turns into vectors.
        guard let source = pixels.baseAddress?.advanced(by: start), let target = destination.baseAddress
        else { return }
        for offset in 0..<size { target[offset] = Float(source[offset]) / divisor }
      }
    }
  }

  /// Writes an image, scaled and moved; what comes in from outside is 0, the background.
  ///
  ///     rows down 1, columns right 1      a b c      0 0 0
  ///                                       d e f  ->  0 a b
  ///                                       g h i      0 d e
  ///
  /// - Precondition: as for the image as it is, and it is moved by less than its size.
  func copyPixels(of index: Int, movedBy offset: PixelOffset, into destination: inout MutableSpan<Float>) {
    let (height, width) = (imageSize.height, imageSize.width)
    let start = position(of: index) * height * width
    precondition(
      destination.count == height * width,
      "\(destination.count) numbers of room for \(height * width) pixels")
    precondition(
      offset.rows.magnitude < height && offset.columns.magnitude < width,
      "\(offset) leaves nothing of \(height) x \(width) pixels")
    let divisor = Float(scale.rawValue)
    let rows = max(0, offset.rows)..<min(height, height + offset.rows)
    let columns = max(0, offset.columns)..<min(width, width + offset.columns)
    pixels.withUnsafeBufferPointer { pixels in
      destination.withUnsafeMutableBufferPointer { destination in
        guard let source = pixels.baseAddress?.advanced(by: start), let target = destination.baseAddress
        else { return }
        destination.update(repeating: 0)
        for row in rows {
          let from = source + (row - offset.rows) * width - offset.columns
          let to = target + row * width
          for column in columns { to[column] = Float(from[column]) / divisor }
        }
      }
    }
  }

  /// Writes an image's label as one-hot: a one at its class, zeros elsewhere.
  ///
  /// - Precondition: `index` is in `0..<count`, and `destination` has one element a class.
  public func copyTarget(of index: Int, into destination: inout MutableSpan<Float>) {
    let label = label(of: index)
    precondition(
      destination.count == classNames.count,
      "\(destination.count) numbers of room for \(classNames.count) classes")
    for index in destination.indices { destination[index] = index == label ? 1 : 0 }
  }

  /// All images, scaled, as `[count, rows, columns, 1]`.
  ///
  /// - Complexity: O(*n*) for *n* pixels, 4 bytes each; take a part first where that is much.
  public func tensor() -> Tensor {
    let size = imageSize.height * imageSize.width
    var scalars = [Float](repeating: 0, count: count * size)
    scalars.withUnsafeMutableBufferPointer { buffer in
      for index in 0..<count {
        var image = buffer.extracting(index * size..<(index + 1) * size).mutableSpan
        copyPixels(of: index, into: &image)
      }
    }
    return Tensor(validated: [count] + imageShape, scalars: scalars)
  }

  /// All labels as one-hot rows, `[count, classes]`.
  public func oneHot() -> Tensor {
    var scalars = [Float](repeating: 0, count: count * classNames.count)
    for index in 0..<count { scalars[index * classNames.count + label(of: index)] = 1 }
    return Tensor(validated: [count, classNames.count], scalars: scalars)
  }
}
