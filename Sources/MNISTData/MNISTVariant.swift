/// The data sets that come as MNIST's four files: 60,000 and 10,000 images of 28x28 in ten classes.
public enum MNISTVariant: String, Sendable, CaseIterable {
  /// LeCun, Cortes and Burges' handwritten digits.
  case digits = "mnist"
  /// Xiao, Rasul and Vollgraf's pieces of clothing, arXiv:1708.07747.
  case fashion = "fashion-mnist"

  /// What the ten classes are called, in the order of their labels.
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

  /// The variant whose label file has this SHA-256 once decompressed, if it is one of the originals.
  init?(labelsDigest: String) {
    let variant = MNISTVariant.allCases.first { variant in
      variant.originals.contains { $0.digest == labelsDigest }
    }
    guard let variant else { return nil }
    self = variant
  }

  /// The variant that a folder's name suggests, for files that are not the originals.
  init(directory: String) {
    self = directory.lowercased().contains("fashion") ? .fashion : .digits
  }
}
