/// Why a data set cannot be found or read.
///
/// Every description has the cause and a remedy.
public enum DatasetError: Error, Sendable, Equatable {
  /// No folder was named, and no default folder has all four files.
  case notFound(searched: [String])
  /// No default folder has all four files, and downloading them failed.
  indirect case notDownloaded(searched: [String], reason: DownloadError)
  /// The folder that the user named does not exist.
  case noDirectory(path: String, namedBy: String)
  /// A folder has neither the file nor its `.gz`.
  case missingFile(directory: String, name: String)
  /// A file cannot be opened or read.
  case unreadable(path: String, reason: String)
  /// The path names a folder, pipe or device.
  case notAFile(path: String)
  /// The first four bytes are not the magic number of this kind of IDX file.
  case wrongMagic(path: String, expected: UInt32, actual: UInt32)
  /// The header declares an axis of size 0.
  case emptyAxis(path: String, axis: String)
  /// The product of the header's sizes exceeds the limit of 2,147,483,647 bytes.
  case tooLarge(path: String, sizes: [Int])
  /// The payload is shorter than its header declares.
  case truncated(path: String, expected: Int, actual: Int)
  /// The payload is longer than its header declares.
  case trailingBytes(path: String, expected: Int)
  /// A compressed file is too short to expand to the declared length.
  case implausible(path: String, expected: Int, compressed: Int)
  /// The compressed data or its checksum is invalid.
  case corruptGzip(path: String, reason: String)
  /// Data follows the gzip member.
  case trailingGzip(path: String)
  /// A label is not a class.
  case labelOutOfRange(path: String, index: Int, label: Int, classes: Int)
  /// The numbers of images and labels differ.
  case countMismatch(images: Int, labels: Int, of: String)
  /// Training and test images have different sizes.
  case sizeMismatch(train: [Int], test: [Int], directory: String)
  /// The training and test parts are of different data sets.
  case mixedDatasets(train: String, test: String, directory: String)
  /// The validation part leaves no training images.
  case validationTooLarge(validation: Int, images: Int)
}

extension DatasetError: CustomStringConvertible {
  /// What is wrong, with the numbers and the remedy.
  public var description: String {
    switch self {
    case .notFound(let searched):
      """
      no MNIST images found (looked in \(searched.joined(separator: ", "))); download them with 'mnist download', \
      specify a folder of the four files with --data DIR or MNIST_DIR=DIR, or install Debian's Fashion-MNIST \
      with 'apt-get install dataset-fashion-mnist'
      """
    case .notDownloaded(let searched, let reason):
      """
      no MNIST images found (looked in \(searched.joined(separator: ", "))), and none could be downloaded: \
      \(reason.brief); try again with 'mnist download', specify another mirror with MNIST_MIRROR=URL, specify a \
      folder of the four files with --data DIR or MNIST_DIR=DIR, or install Debian's Fashion-MNIST with \
      'apt-get install dataset-fashion-mnist'
      """
    case .noDirectory(let path, let namedBy):
      "\(namedBy) names \(path), which is not a folder; correct it, or omit it to search the default folders"
    case .missingFile(let directory, let name):
      "\(directory) has neither \(name) nor \(name).gz; add the file, or specify another folder"
    case .unreadable(let path, let reason):
      "cannot read \(path): \(reason); check the path and its permissions"
    case .notAFile(let path):
      "\(path) is not a regular file; replace it with an IDX file, raw or gzip"
    case .wrongMagic(let path, let expected, let actual):
      """
      \(path) begins with \(hexadecimal(actual))\(guess(actual)), but \(hexadecimal(expected))\
      \(guess(expected)) is required; download the file again
      """
    case .emptyAxis(let path, let axis):
      "\(path) declares 0 \(axis), but at least 1 is required; download the file again"
    case .tooLarge(let path, let sizes):
      """
      \(path) declares \(sizes.map(String.init).joined(separator: " x ")) bytes, but at most \(Int32.max) are \
      allowed; download the file again
      """
    case .truncated(let path, let expected, let actual):
      "\(path) is cut short: it has \(actual) of \(expected) bytes; download it again"
    case .trailingBytes(let path, let expected):
      "\(path) continues after the \(expected) bytes that its header declares; download it again"
    case .implausible(let path, let expected, let compressed):
      """
      \(path) declares \(expected) bytes, more than its \(compressed) compressed bytes can expand to; \
      download it again
      """
    case .corruptGzip(let path, let reason):
      "\(path) is damaged: \(reason); download it again"
    case .trailingGzip(let path):
      "\(path) continues after the end of its compressed data; download it again"
    case .labelOutOfRange(let path, let index, let label, let classes):
      "label \(index) of \(path) is \(label), but must be from 0 to \(classes - 1); download the file again"
    case .countMismatch(let images, let labels, let of):
      "\(of) has \(images) images but \(labels) labels; use two files of the same data set"
    case .sizeMismatch(let train, let test, let directory):
      "\(directory) has training images of \(train) but test images of \(test); use the four files of one data set"
    case .mixedDatasets(let train, let test, let directory):
      "\(directory) has training labels of \(train) but test labels of \(test); use the four files of one data set"
    case .validationTooLarge(let validation, let images):
      """
      \(validation) validation images out of \(images) leave no training images; choose \
      0...\(max(images - 1, 0))
      """
    }
  }
}

extension DatasetError {
  /// The description without the remedy.
  var cause: String { description.split(separator: "; ").dropLast().joined(separator: "; ") }
}

private func hexadecimal(_ magic: UInt32) -> String {
  let digits = String(magic, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}

/// The probable format of a file with this magic number.
private func guess(_ magic: UInt32) -> String {
  switch magic {
  case IDXKind.images.magic: " (IDX images)"
  case IDXKind.labels.magic: " (IDX labels)"
  case _ where magic >> 24 == UInt32(UInt8(ascii: "<")): " (a web page?)"
  default: ""
  }
}
