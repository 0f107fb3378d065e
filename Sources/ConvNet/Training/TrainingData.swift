import Im2col

/// Images with their targets, in whatever form they are kept; a model asks for them one at a time.
///
/// Several threads ask at once.
public protocol TrainingData: Sendable {
  /// How many images there are.
  var count: Int { get }
  /// The shape of one image: `[height, width, channels]`, or `[features]`.
  var imageShape: [Int] { get }
  /// How many numbers one target has: the number of classes.
  var targetCount: Int { get }

  /// Writes every number of an image, in NHWC order.
  ///
  /// - Parameters:
  ///   - index: in `0..<count`.
  ///   - pixels: as many numbers as `imageShape` holds.
  func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>)

  /// Writes every number of a target: for a class, 1 at its place and 0 elsewhere.
  ///
  /// - Parameters:
  ///   - index: in `0..<count`.
  ///   - target: `targetCount` numbers.
  func copyTarget(of index: Int, into target: inout MutableSpan<Float>)

  /// The data as they look in one epoch of a training: as always, unless they say otherwise. Data that draw
  /// random numbers draw them from seed, epoch and image index alone, so that a training that goes on in epoch 7
  /// sees what it would have seen. `fit` asks once an epoch; evaluations do not ask.
  ///
  /// - Parameter epoch: counted from 1.
  func seen(inEpoch epoch: Int) -> Self
}

extension TrainingData {
  /// The same in every epoch.
  public func seen(inEpoch epoch: Int) -> Self { self }
}

/// Images and one-hot targets that are already tensors.
public struct TensorData: TrainingData {
  /// `[count, height, width, channels]` or `[count, features]`.
  public let images: Tensor
  /// `[count, classes]`.
  public let targets: Tensor
  /// The shape of one image.
  public let imageShape: [Int]

  /// Pairs images with their targets.
  ///
  /// - Throws: `EngineError.shape` when the counts differ or the ranks make no sense.
  public init(_ images: Tensor, _ targets: Tensor) throws(EngineError) {
    guard images.shape.count == 4 || images.shape.count == 2 else {
      throw .shape(.rank("the images", axes: ["batch", "height", "width", "channels"], actual: images.shape))
    }
    guard targets.shape.count == 2 else {
      throw .shape(.rank("the targets", axes: ["batch", "classes"], actual: targets.shape))
    }
    guard images.shape[0] == targets.shape[0] else {
      throw .shape(
        .mismatch("the targets", expected: [images.shape[0], targets.shape[1]], actual: targets.shape))
    }
    (self.images, self.targets) = (images, targets)
    imageShape = Array(images.shape.dropFirst())
  }

  /// How many images there are.
  public var count: Int { images.shape[0] }
  /// Classes.
  public var targetCount: Int { targets.shape[1] }

  /// Copies a row of the images.
  public func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) {
    copyRow(index, of: images, into: &pixels)
  }

  /// Copies a row of the targets.
  public func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
    copyRow(index, of: targets, into: &target)
  }

  private func copyRow(_ index: Int, of tensor: Tensor, into row: inout MutableSpan<Float>) {
    let count = row.count
    precondition(index >= 0 && (index + 1) * count <= tensor.count, "row \(index) is not in \(tensor.shape)")
    tensor.withUnsafeScalars { start in
      row.withUnsafeMutableBufferPointer { row in
        row.baseAddress?.update(from: start + index * count, count: count)
      }
    }
  }
}
