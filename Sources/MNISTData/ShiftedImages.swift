import ConvNet
import Im2col

/// Labeled images that a training sees somewhere else in every epoch, so that it learns shapes and not places:
/// shift augmentation.
///
///     let data = try ShiftedImages(dataset.train, upTo: 2, seed: 0)
///     try model.fit(data, epochs: 20, validationData: dataset.test)
///
/// Each image is moved by up to so many pixels up or down and left or right, every place equally likely; what
/// comes in from outside is 0, the background. Where to follows from seed, epoch and the image's index alone:
/// the same bits for any number of threads, and in a training that goes on in the middle.
public struct ShiftedImages: TrainingData {
  /// The images as they are.
  public let images: LabeledImages
  /// The furthest that an image is moved along each axis, in pixels.
  public let distance: Int
  /// The training's seed.
  public let seed: UInt64
  /// Which epoch's places these are, counted from 1; 0 before a training, with every image in its own place.
  public let epoch: Int

  /// The shifts of this epoch.
  private let random: CounterRandom

  /// Wraps images.
  ///
  /// - Parameters:
  ///   - images: what is moved.
  ///   - distance: the furthest, in pixels; 0 leaves all in place.
  ///   - seed: the training's.
  /// - Throws: `ShapeError.outOfRange` unless a part of every image stays inside.
  public init(_ images: LabeledImages, upTo distance: Int, seed: UInt64) throws(ShapeError) {
    let smallest = min(images.imageSize.height, images.imageSize.width)
    guard (0..<smallest).contains(distance) else {
      throw .outOfRange("the distance of a shift", value: distance, range: 0..<smallest)
    }
    self.init(images, distance: distance, seed: seed, epoch: 0)
  }

  private init(_ images: LabeledImages, distance: Int, seed: UInt64, epoch: Int) {
    (self.images, self.distance, self.seed, self.epoch) = (images, distance, seed, epoch)
    random = CounterRandom(seed: seed, stream: .shift(epoch: epoch))
  }

  /// The places of one epoch.
  public func seen(inEpoch epoch: Int) -> ShiftedImages {
    ShiftedImages(images, distance: distance, seed: seed, epoch: epoch)
  }

  /// How far an image is moved in this epoch.
  ///
  /// - Parameter index: in `0..<count`.
  public func offset(of index: Int) -> PixelOffset {
    guard moves else { return PixelOffset(rows: 0, columns: 0) }
    let places = UInt64(2 * distance + 1)
    // An image has 256 numbers to itself; one is enough but for a chance of places^2 / 2^64.
    var counter = UInt64(index) << 8
    let place = random.next(below: places * places, at: &counter)
    return PixelOffset(rows: Int(place / places) - distance, columns: Int(place % places) - distance)
  }

  private var moves: Bool { epoch > 0 && distance > 0 }

  // MARK: - Training data

  /// How many images there are.
  public var count: Int { images.count }
  /// `[rows, columns, 1]`.
  public var imageShape: [Int] { images.imageShape }
  /// One number a class.
  public var targetCount: Int { images.targetCount }

  /// Writes an image in its place in this epoch.
  public func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) {
    // The usual case, without a draw and in one run over the pixels.
    guard moves else { return images.copyPixels(of: index, into: &pixels) }
    images.copyPixels(of: index, movedBy: offset(of: index), into: &pixels)
  }

  /// Writes an image's label, wherever the image is.
  public func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
    images.copyTarget(of: index, into: &target)
  }
}

/// A way in pixels.
public struct PixelOffset: Sendable, Hashable {
  /// Down where positive, up where negative.
  public var rows: Int
  /// To the right where positive, to the left where negative.
  public var columns: Int

  /// Rows first, as everywhere.
  public init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }
}

extension CounterRandom.Stream {
  /// Where the images are in one epoch.
  static func shift(epoch: Int) -> Self { Self(purpose: 4, index: epoch) }
}
