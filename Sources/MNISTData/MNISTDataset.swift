import ConvNetFiles
import Crypto

/// MNIST, or a data set of the same four files, in memory (55 MB).
public struct MNISTDataset: Sendable {
  /// The location of the files.
  public let location: MNISTLocation
  /// The training images.
  public let train: LabeledImages
  /// The test images.
  public let test: LabeledImages

  /// `mnist` or `fashion-mnist`.
  public var name: String { train.name }

  /// Reads and checks all four files.
  ///
  /// - Throws: `DatasetError` when a file is missing or damaged, or the files do not match.
  public init(at location: MNISTLocation, scale: PixelScale = .over255) throws(DatasetError) {
    self.location = location
    train = try LabeledImages(.train, at: location, scale: scale)
    test = try LabeledImages(.test, at: location, scale: scale)
    guard train.name == test.name else {
      throw .mixedDatasets(train: train.name, test: test.name, directory: location.directory)
    }
    guard train.imageShape == test.imageShape else {
      throw .sizeMismatch(train: train.imageShape, test: test.imageShape, directory: location.directory)
    }
  }

  /// SHA-256 over the four uncompressed files in the order training images, training labels, test images,
  /// test labels; 64 hexadecimal digits. Identifies the data of a training run.
  ///
  ///     zcat train-images* train-labels* t10k-images* t10k-labels* | sha256sum
  ///
  /// - Complexity: O(*n*) for *n* pixels, tens of milliseconds for MNIST.
  public func dataDigest() -> String {
    var hash = SHA256()
    for part in [train, test] {
      part.updateImages(&hash)
      part.updateLabels(&hash)
    }
    return hash.finalize().hexadecimal
  }
}
