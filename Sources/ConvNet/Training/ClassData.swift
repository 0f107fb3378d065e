import Im2col

/// A data set of a tensor of images and the class number of each of them.
public struct ClassData: TrainingData {
  /// `[count, height, width, channels]` or `[count, features]`.
  public let images: Tensor
  /// The class of every image, from 0.
  public let labels: [Int]
  /// The shape of one image.
  public let imageShape: [Int]
  /// The number of classes.
  public let targetCount: Int

  /// Creates a data set.
  ///
  /// - Throws: `EngineError.shape` when the counts differ or the images have the wrong number of axes;
  ///   `EngineError.data` when a label is not in `0..<classes`.
  public init(_ images: Tensor, labels: [Int], classes: Int) throws(EngineError) {
    guard images.shape.count == 4 || images.shape.count == 2 else {
      throw .shape(.rank("the images", axes: ["batch", "height", "width", "channels"], actual: images.shape))
    }
    guard images.shape[0] == labels.count else {
      throw .shape(.mismatch("the labels", expected: [images.shape[0]], actual: [labels.count]))
    }
    if let image = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
      throw .data(
        DataError(
          image: image,
          problem:
            "the label is \(labels[image]); the \(classes) classes have the numbers 0 to \(classes - 1)"))
    }
    (self.images, self.labels, targetCount) = (images, labels, classes)
    imageShape = Array(images.shape.dropFirst())
  }

  /// Creates a data set from class numbers in Float.
  init(_ images: Tensor, classNumbers: [Float], classes: Int) throws(EngineError) {
    var labels: [Int] = []
    for (image, number) in classNumbers.enumerated() {
      guard let label = Int(exactly: number) else {
        throw .data(
          DataError(
            image: image,
            problem: "the label is \(number); targets with one axis are class numbers, which are integers"))
      }
      labels.append(label)
    }
    try self.init(images, labels: labels, classes: classes)
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// Copies an image.
  public func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) {
    images.copyRow(index, into: &pixels)
  }

  /// Writes a one-hot row.
  public func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
    for position in target.indices { target[position] = position == labels[index] ? 1 : 0 }
  }
}
