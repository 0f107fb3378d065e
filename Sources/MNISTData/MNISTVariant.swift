/// The data sets in MNIST's format: four files with 60,000 and 10,000 images of 28x28 in ten classes.
public enum MNISTVariant: String, Sendable, CaseIterable {
  /// The handwritten digits of LeCun, Cortes and Burges.
  case digits = "mnist"
  /// The pieces of clothing of Xiao, Rasul and Vollgraf, arXiv:1708.07747.
  case fashion = "fashion-mnist"

  /// The names of the ten classes, in the order of their labels.
  public var classNames: [String] {
    switch self {
    case .digits: (0..<10).map(String.init)
    case .fashion:
      [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
      ]
    }
  }

  /// The variant whose original file has this SHA-256 when uncompressed; nil if there is none.
  init?(labelsDigest: String) {
    let variant = MNISTVariant.allCases.first { variant in
      variant.originals.contains { $0.digest == labelsDigest }
    }
    guard let variant else { return nil }
    self = variant
  }

  /// The variant that a folder's name suggests, for files other than the originals.
  init(directory: String) {
    self = directory.lowercased().contains("fashion") ? .fashion : .digits
  }
}
