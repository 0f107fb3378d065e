import ConvNet
import Im2col

/// Shift augmentation: labeled images, shifted differently in every epoch.
///
///     let (training, validation) = try dataset.train.split(validation: 10_000)
///     let data = try ShiftedImages(training, upTo: 2, seed: 0)
///     try model.fit(data, epochs: 20, validationData: validation)
///
/// Each image is shifted by up to `distance` pixels along each axis, with all offsets equally likely; pixels
/// from outside are 0, the background. The offset is determined by the seed, the epoch and the image's index,
/// so any number of threads and a resumed run give the same bits.
public struct ShiftedImages: TrainingData {
  /// The original images.
  public let images: LabeledImages
  /// The maximum shift along each axis in pixels.
  public let distance: Int
  /// The seed of the training run.
  public let seed: UInt64
  /// The number of the epoch of the offsets, from 1; 0 before training, without shifts.
  public let epochNumber: Int

  /// The random numbers of this epoch.
  private let random: CounterRandom

  /// Creates shifted images.
  ///
  /// - Parameters:
  ///   - images: the images to shift.
  ///   - distance: the maximum shift in pixels; 0 for none.
  ///   - seed: the seed of the training run.
  /// - Throws: `ShapeError.outOfRange` unless `distance` is in `0..<min(height, width)`.
  public init(_ images: LabeledImages, upTo distance: Int, seed: UInt64) throws(ShapeError) {
    let smallest = min(images.imageSize.height, images.imageSize.width)
    guard (0..<smallest).contains(distance) else {
      throw .outOfRange("the distance of a shift", value: distance, range: 0..<smallest)
    }
    self.init(images, distance: distance, seed: seed, epochNumber: 0)
  }

  private init(_ images: LabeledImages, distance: Int, seed: UInt64, epochNumber: Int) {
    (self.images, self.distance, self.seed, self.epochNumber) = (images, distance, seed, epochNumber)
    random = CounterRandom(seed: seed, stream: .shift(epoch: epochNumber))
  }

  /// The same images with the offsets of an epoch.
  public func seen(inEpochNumber number: Int) -> ShiftedImages {
    ShiftedImages(images, distance: distance, seed: seed, epochNumber: number)
  }

  /// The offset of an image in this epoch.
  ///
  /// - Parameter index: in `0..<count`.
  public func offset(of index: Int) -> PixelOffset {
    guard shifts else { return PixelOffset(rows: 0, columns: 0) }
    let side = UInt64(2 * distance + 1)
    // An image has 256 random numbers; more than one is needed with probability side^2 / 2^64.
    var counter = UInt64(index) << 8
    let position = random.next(below: side * side, at: &counter)
    return PixelOffset(rows: Int(position / side) - distance, columns: Int(position % side) - distance)
  }

  private var shifts: Bool { epochNumber > 0 && distance > 0 }

  // MARK: - Training data

  /// The number of images.
  public var count: Int { images.count }
  /// `[rows, columns, 1]`.
  public var imageShape: [Int] { images.imageShape }
  /// The number of classes.
  public var targetCount: Int { images.targetCount }

  /// Copies an image, shifted by its offset in this epoch.
  public func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) {
    // Without a shift, avoid the random number and copy all pixels in one loop.
    guard shifts else { return images.copyPixels(of: index, into: &pixels) }
    images.copyPixels(of: index, movedBy: offset(of: index), into: &pixels)
  }

  /// Copies an image's one-hot label.
  public func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
    images.copyTarget(of: index, into: &target)
  }
}

/// An offset in pixels.
public struct PixelOffset: Sendable, Hashable {
  /// Positive is down, negative is up.
  public var rows: Int
  /// Positive is right, negative is left.
  public var columns: Int

  /// Creates an offset.
  public init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }
}

extension CounterRandom.Stream {
  /// The offsets of one epoch.
  static func shift(epoch: Int) -> Self { Self(purpose: 4, index: epoch) }
}
