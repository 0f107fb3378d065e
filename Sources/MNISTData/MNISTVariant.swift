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
    guard let variant = MNISTVariant.labelDigests[labelsDigest] else { return nil }
    self = variant
  }

  /// The variant that a folder's name suggests, for files that are not the originals.
  init(directory: String) {
    self = directory.lowercased().contains("fashion") ? .fashion : .digits
  }

  private static let labelDigests: [String: MNISTVariant] = [
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5": .digits,
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2": .digits,
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9": .fashion,
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34": .fashion,
  ]
}
