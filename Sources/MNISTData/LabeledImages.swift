import ConvNet
import Im2col

/// Labeled images with one byte per pixel, or a range of such a set.
///
/// Bytes are scaled to Float32 on access, one image or tensor at a time: 60,000 images of 28x28 take 47 MB
/// instead of 188 MB. A range of a set shares its bytes, and its indices start at 0.
///
///     let (training, validation) = try images.split(validation: 10_000)
///     let firstHundred = images[0..<100]
///     let (x, y) = (firstHundred.tensor(), firstHundred.oneHot())
public struct LabeledImages: Sendable {
  /// The name of the set, for example `mnist`.
  public let name: String
  /// The names of the classes; label *c* is class *c* of this list.
  public let classNames: [String]
  /// The height and width of every image.
  public let imageSize: Size2D
  /// The scale that converts bytes to numbers.
  public let scale: PixelScale

  /// The pixels of the whole set, `[count, rows, columns]`.
  private let pixels: [UInt8]
  private let labels: [UInt8]
  /// The images of the set that belong to this value.
  private let part: Range<Int>

  /// Creates a set of images from arrays.
  ///
  /// - Parameters:
  ///   - pixels: `[count, rows, columns]`, row-major; the array is not copied.
  ///   - labels: `[count]`, each less than the number of classes.
  ///   - imageSize: the height and width of an image.
  /// - Throws: `ShapeError` when a size is not positive, the counts do not match, or a label is not a class.
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

  /// Creates a set from checked values.
  init(
    validated name: String, pixels: [UInt8], labels: [UInt8], part: Range<Int>, imageSize: Size2D,
    classNames: [String], scale: PixelScale
  ) {
    (self.name, self.classNames, self.imageSize, self.scale) = (name, classNames, imageSize, scale)
    (self.pixels, self.labels, self.part) = (pixels, labels, part)
  }

  /// The number of images.
  public var count: Int { part.count }

  /// The shape of one image as a network's input: `[rows, columns, 1]`.
  public var imageShape: [Int] { [imageSize.height, imageSize.width, 1] }

  /// The class of an image.
  ///
  /// - Precondition: `index` is in `0..<count`.
  public func label(of index: Int) -> Int {
    Int(labels[position(of: index)])
  }

  /// A range of these images, whose indices start at 0.
  ///
  /// - Precondition: the range is in `0..<count`. For unchecked numbers use `split(validation:)`, which
  ///   throws.
  /// - Complexity: O(1); the bytes are shared.
  public subscript(range: Range<Int>) -> LabeledImages {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "images \(range) of 0..<\(count) do not exist")
    return LabeledImages(
      validated: name, pixels: pixels, labels: labels,
      part: part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound, imageSize: imageSize,
      classNames: classNames, scale: scale)
  }

  /// Holds out the last images for validation: 60,000 images with 10,000 for validation give the training
  /// images `0..<50000` and the validation images `50000..<60000`.
  ///
  /// - Throws: `DatasetError.validationTooLarge` when the number is negative or leaves no training images.
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

// MARK: - Conversion to numbers

extension LabeledImages {
  /// Copies an image, scaled, as `[rows, columns, 1]`.
  ///
  /// - Precondition: `index` is in `0..<count`, and `destination` has one element per pixel.
  public func copyPixels(of index: Int, into destination: inout MutableSpan<Float>) {
    let size = imageSize.height * imageSize.width
    let start = position(of: index) * size
    precondition(destination.count == size, "\(destination.count) elements for \(size) pixels")
    let divisor = Float(scale.rawValue)
    pixels.withUnsafeBufferPointer { pixels in
      destination.withUnsafeMutableBufferPointer { destination in
        // Pointers and a loop without traps, which the compiler vectorizes.
        guard let source = pixels.baseAddress?.advanced(by: start), let target = destination.baseAddress
        else { return }
        for offset in 0..<size { target[offset] = Float(source[offset]) / divisor }
      }
    }
  }

  /// Copies an image, scaled and shifted; pixels from outside are 0, the background.
  ///
  ///     1 row down, 1 column right      a b c      0 0 0
  ///                                     d e f  ->  0 a b
  ///                                     g h i      0 d e
  ///
  /// - Precondition: as for `copyPixels(of:into:)`, and the offset is less than the image's size.
  func copyPixels(of index: Int, movedBy offset: PixelOffset, into destination: inout MutableSpan<Float>) {
    let (height, width) = (imageSize.height, imageSize.width)
    let start = position(of: index) * height * width
    precondition(
      destination.count == height * width,
      "\(destination.count) elements for \(height * width) pixels")
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

  /// Copies an image's one-hot label: 1 at its class, 0 elsewhere.
  ///
  /// - Precondition: `index` is in `0..<count`, and `destination` has one element per class.
  public func copyTarget(of index: Int, into destination: inout MutableSpan<Float>) {
    let label = label(of: index)
    precondition(
      destination.count == classNames.count,
      "\(destination.count) elements for \(classNames.count) classes")
    for index in destination.indices { destination[index] = index == label ? 1 : 0 }
  }

  /// All images, scaled, as `[count, rows, columns, 1]`.
  ///
  /// - Complexity: O(*n*) for *n* pixels, with 4 bytes each.
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

/// Labeled images are training data: their bytes are scaled one image at a time when they are copied.
///
///     try model.fit(dataset.train, batchSize: 32, epochs: 5, validationData: dataset.test)
extension LabeledImages: TrainingData {
  /// The number of classes.
  public var targetCount: Int { classNames.count }
}
