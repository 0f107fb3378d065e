/// The two parts of MNIST, each a file of images and a file of labels.
public enum MNISTPart: String, Sendable, CaseIterable {
  /// 60,000 training images.
  case train
  /// 10,000 test images.
  case test = "t10k"

  /// The name of the file of images, without `.gz`.
  public var imagesName: String { "\(rawValue)-images-idx3-ubyte" }
  /// The name of the file of labels, without `.gz`.
  public var labelsName: String { "\(rawValue)-labels-idx1-ubyte" }
}

extension LabeledImages {
  /// Reads and checks the two files of one part.
  ///
  /// - Throws: `DatasetError` when a file is missing or damaged, or the two do not match.
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
