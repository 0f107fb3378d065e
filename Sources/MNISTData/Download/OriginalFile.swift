import ConvNetFiles
import Crypto

/// One of a data set's four files as its authors published it.
///
/// Length and digest are of the uncompressed content, because mirrors may compress the file differently.
package struct OriginalFile: Sendable {
  package let name: String
  /// The uncompressed length in bytes.
  package let length: Int
  /// SHA-256 of the uncompressed content, 64 hexadecimal digits.
  package let digest: String

  package init(name: String, length: Int, digest: String) {
    (self.name, self.length, self.digest) = (name, length, digest)
  }

  /// Computes the digest of a file, raw or gzip.
  ///
  /// - Throws: `DatasetError` when the file is damaged or has another length.
  /// - Complexity: O(`length`) time and memory.
  func digest<Source: ByteSource & ~Copyable>(
    of reader: consuming PayloadReader<Source>
  ) throws(DatasetError) -> String {
    var reader = reader
    try reader.requirePlausible(length: length)
    let bytes = try reader.read(length, ofLength: length)
    try reader.requireEnd()
    return SHA256.hash(data: bytes).hexadecimal
  }
}

extension MNISTVariant {
  /// The four files: training images and labels, test images and labels.
  package var originals: [OriginalFile] {
    let digests =
      switch self {
      case .digits:
        [
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ]
      case .fashion:
        [
          "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
          "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
          "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
          "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ]
      }
    let counts = [MNISTPart.train: 60_000, .test: 10_000]
    let shapes = MNISTPart.allCases.flatMap { part in
      let count = counts[part] ?? 0
      return [(part.imagesName, 16 + count * 28 * 28), (part.labelsName, 8 + count)]
    }
    return zip(shapes, digests).map { OriginalFile(name: $0.0, length: $0.1, digest: $1) }
  }

  /// The default mirrors, in the order in which they are tried.
  public var mirrors: [String] {
    switch self {
    case .digits:
      [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
      ]
    case .fashion:
      [
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      ]
    }
  }
}
