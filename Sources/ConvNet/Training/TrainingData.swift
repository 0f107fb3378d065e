import Im2col

/// A data set of images and targets. A model reads one image at a time, from several threads concurrently.
public protocol TrainingData: Sendable {
  /// The number of images.
  var count: Int { get }
  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  var imageShape: [Int] { get }
  /// The number of scalars in one target: the number of classes.
  var targetCount: Int { get }

  /// Writes the pixels of an image in the order height, width, channels.
  ///
  /// - Parameters:
  ///   - index: the index of the image, in `0..<count`.
  ///   - pixels: the destination, of the size of `imageShape`; overwrite every scalar.
  func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>)

  /// Writes the target of an image: for a class label, a one-hot vector.
  ///
  /// - Parameters:
  ///   - index: the index of the image, in `0..<count`.
  ///   - target: the destination, of `targetCount` scalars; overwrite every scalar.
  func copyTarget(of index: Int, into target: inout MutableSpan<Float>)

  /// Returns the data as seen in one epoch of training, for example with random augmentation.
  ///
  /// The default implementation returns `self`. `fit` calls this method once per epoch; `evaluate` does not.
  /// Random numbers must depend only on a seed, the epoch and the index of the image, so that a resumed
  /// run sees the same data.
  ///
  /// - Parameter number: the number of the epoch, from 1: the index of the epoch plus 1.
  func seen(inEpochNumber number: Int) -> Self
}

extension TrainingData {
  /// Returns the same data in every epoch.
  public func seen(inEpochNumber number: Int) -> Self { self }
}

/// A data set of two tensors.
public struct TensorData: TrainingData {
  /// `[count, height, width, channels]` or `[count, features]`.
  public let images: Tensor
  /// `[count, ...]`, for each image the scalars of one output: one-hot rows, distributions, numbers, images.
  public let targets: Tensor
  /// The shape of one image.
  public let imageShape: [Int]

  /// Creates a data set.
  ///
  /// - Throws: `EngineError.shape` when the counts differ, or a tensor has the wrong number of axes.
  public init(_ images: Tensor, _ targets: Tensor) throws(EngineError) {
    guard images.shape.count == 4 || images.shape.count == 2 else {
      throw .shape(.rank("the images", axes: ["batch", "height", "width", "channels"], actual: images.shape))
    }
    guard targets.shape.count >= 2 else {
      throw .shape(.rank("the targets", axes: ["batch", "outputs"], actual: targets.shape))
    }
    guard images.shape[0] == targets.shape[0] else {
      throw .shape(
        .mismatch(
          "the targets", expected: [images.shape[0]] + targets.shape.dropFirst(), actual: targets.shape))
    }
    (self.images, self.targets) = (images, targets)
    imageShape = Array(images.shape.dropFirst())
  }

  /// The number of images.
  public var count: Int { images.shape[0] }
  /// The number of scalars in one target.
  public var targetCount: Int { targets.shape.dropFirst().reduce(1, *) }

  /// Copies an image.
  public func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) {
    images.copyRow(index, into: &pixels)
  }

  /// Copies a target.
  public func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
    targets.copyRow(index, into: &target)
  }
}

extension Tensor {
  /// Copies the scalars of one index of the first axis.
  func copyRow(_ index: Int, into row: inout MutableSpan<Float>) {
    let count = row.count
    precondition(
      index >= 0 && (index + 1) * count <= self.count, "row \(index) is out of range of shape \(shape)")
    withUnsafeScalars { start in
      row.withUnsafeMutableBufferPointer { row in
        row.baseAddress?.update(from: start + index * count, count: count)
      }
    }
  }
}
