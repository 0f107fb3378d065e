import Crypto
import Im2col

/// The two halves of MNIST, each a file of images and a file of labels.
public enum MNISTPart: String, Sendable, CaseIterable {
  /// 60,000 images to learn from.
  case train
  /// 10,000 images to test on, never to learn from.
  case test = "t10k"

  /// The name of its file of images, without `.gz`.
  public var imagesName: String { "\(rawValue)-images-idx3-ubyte" }
  /// The name of its file of labels, without `.gz`.
  public var labelsName: String { "\(rawValue)-labels-idx1-ubyte" }
}

/// MNIST, or a set that comes in the same four files, in memory: 55 MB as bytes.
public struct MNISTDataset: Sendable {
  /// Where it was read from.
  public let location: MNISTLocation
  /// The images to learn from.
  public let train: LabelledImages
  /// The images to test on.
  public let test: LabelledImages

  /// `mnist` or `fashion-mnist`.
  public var name: String { train.name }

  /// Reads and checks all four files.
  ///
  /// - Throws: `DatasetError` when a file is missing or damaged, or the four do not belong together.
  public init(at location: MNISTLocation, scale: PixelScale = .over255) throws(DatasetError) {
    self.location = location
    train = try LabelledImages(.train, at: location, scale: scale)
    test = try LabelledImages(.test, at: location, scale: scale)
    guard train.name == test.name else {
      throw .mixedDatasets(train: train.name, test: test.name, directory: location.directory)
    }
    guard train.imageShape == test.imageShape else {
      throw .sizeMismatch(train: train.imageShape, test: test.imageShape, directory: location.directory)
    }
  }

  /// SHA-256 over the four decompressed files in the order training images, training labels,
  /// test images, test labels; 64 hexadecimal digits. Says whether two trainings saw the same data.
  ///
  ///     zcat train-images* train-labels* t10k-images* t10k-labels* | sha256sum
  ///
  /// - Complexity: O(*n*) for *n* pixels, some tens of milliseconds for MNIST.
  public func dataDigest() -> String {
    var hash = SHA256()
    for part in [train, test] {
      part.updateImages(&hash)
      part.updateLabels(&hash)
    }
    return hexadecimal(hash)
  }
}

extension LabelledImages {
  /// Reads and checks the two files of one half of MNIST.
  ///
  /// - Throws: `DatasetError` when a file is missing or damaged, or the two do not pair up.
  public init(_ part: MNISTPart, at location: MNISTLocation, scale: PixelScale = .over255)
    throws(DatasetError)
  {
    let labelsPath = try location.path(of: part.labelsName)
    let labels = try IDXFile(.labels, path: labelsPath)
    let digest = payloadDigest(.labels, sizes: labels.sizes, bytes: labels.bytes)
    let variant = MNISTVariant(labelsDigest: digest) ?? MNISTVariant(directory: location.directory)
    let classes = variant.classNames.count
    if let index = labels.bytes.firstIndex(where: { Int($0) >= classes }) {
      throw .labelOutOfRange(
        path: labelsPath, index: index, label: Int(labels.bytes[index]), classes: classes)
    }
    let images = try IDXImages(path: location.path(of: part.imagesName))
    guard images.count == labels.bytes.count else {
      throw .countMismatch(
        images: images.count, labels: labels.bytes.count,
        of: "the \(part) part in \(location.directory)")
    }
    self.init(
      validated: variant.rawValue, pixels: images.pixels, labels: labels.bytes,
      part: labels.bytes.indices, imageSize: images.size, classNames: variant.classNames, scale: scale)
  }
}
