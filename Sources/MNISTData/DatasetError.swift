/// A data set that cannot be found, or whose files do not hold what their names promise.
///
/// The text of every case names the file, the numbers that clash, and what to do.
public enum DatasetError: Error, Sendable, Equatable {
  /// No folder was named and none of the usual ones has all four files.
  case notFound(searched: [String])
  /// The same, and fetching them has failed.
  indirect case notFetched(searched: [String], reason: DownloadError)
  /// A folder that was asked for by name is not there.
  case noDirectory(path: String, namedBy: String)
  /// A folder lacks one of the files; it may be there raw or with `.gz`.
  case missingFile(directory: String, name: String)
  /// The system refuses to open or read a file.
  case unreadable(path: String, reason: String)
  /// A folder, pipe or device where a file should be.
  case notAFile(path: String)
  /// The first four bytes are not those of this kind of IDX file.
  case wrongMagic(path: String, expected: UInt32, actual: UInt32)
  /// The header says that an axis is empty.
  case emptyAxis(path: String, axis: String)
  /// The header's sizes multiply to more than the 2,147,483,647 bytes that are accepted.
  case tooLarge(path: String, sizes: [Int])
  /// The payload ends before the length that its header announces.
  case truncated(path: String, expected: Int, actual: Int)
  /// The payload is longer than its header announces.
  case trailingBytes(path: String, expected: Int)
  /// A compressed file is too short to expand to what its header announces.
  case implausible(path: String, expected: Int, compressed: Int)
  /// zlib finds the compressed data or its checksum wrong.
  case corruptGzip(path: String, reason: String)
  /// Something follows the end of the compressed data, such as a second gzip member.
  case trailingGzip(path: String)
  /// A label that is no class.
  case labelOutOfRange(path: String, index: Int, label: Int, classes: Int)
  /// Images and labels that do not pair up.
  case countMismatch(images: Int, labels: Int, of: String)
  /// Training and test images of different sizes.
  case sizeMismatch(train: [Int], test: [Int], directory: String)
  /// A folder with the training part of one data set and the test part of another.
  case mixedDatasets(train: String, test: String, directory: String)
  /// A validation part that leaves nothing to train on.
  case validationTooLarge(validation: Int, images: Int)
}

extension DatasetError: CustomStringConvertible {
  /// What is wrong, with the numbers, and what to do.
  public var description: String {
    switch self {
    case .notFound(let searched):
      """
      no MNIST images found (looked in \(searched.joined(separator: ", "))); fetch them with 'mnist download', \
      name a folder that holds the four files with --data DIR or MNIST_DIR=DIR, or install Debian's \
      Fashion-MNIST with 'apt-get install dataset-fashion-mnist'
      """
    case .notFetched(let searched, let reason):
      """
      no MNIST images found (looked in \(searched.joined(separator: ", "))), and none could be fetched: \
      \(reason.brief); try again with 'mnist download', name another mirror with MNIST_MIRROR=URL, name a folder \
      that holds the four files with --data DIR or MNIST_DIR=DIR, or install Debian's Fashion-MNIST with \
      'apt-get install dataset-fashion-mnist'
      """
    case .noDirectory(let path, let namedBy):
      "\(namedBy) names \(path), which is not a folder; correct it, or leave it out to search the usual places"
    case .missingFile(let directory, let name):
      "\(directory) has neither \(name) nor \(name).gz; put the file there, or name another folder"
    case .unreadable(let path, let reason):
      "cannot read \(path): \(reason); check the path and its permissions"
    case .notAFile(let path):
      "\(path) is not a regular file; put an IDX file there, raw or gzip"
    case .wrongMagic(let path, let expected, let actual):
      """
      \(path) begins with \(hexadecimal(actual))\(guess(actual)), but \(hexadecimal(expected))\
      \(guess(expected)) is needed; fetch the file anew
      """
    case .emptyAxis(let path, let axis):
      "\(path) announces 0 \(axis); at least 1 is needed, fetch the file anew"
    case .tooLarge(let path, let sizes):
      """
      \(path) announces \(sizes.map(String.init).joined(separator: " x ")) bytes; at most \(Int32.max) are \
      accepted, fetch the file anew
      """
    case .truncated(let path, let expected, let actual):
      "\(path) is cut short: \(actual) of \(expected) bytes are there; fetch the file anew"
    case .trailingBytes(let path, let expected):
      "\(path) goes on after the \(expected) bytes that its header announces; fetch the file anew"
    case .implausible(let path, let expected, let compressed):
      """
      \(path) announces \(expected) bytes, more than its \(compressed) compressed bytes can expand to; \
      fetch the file anew
      """
    case .corruptGzip(let path, let reason):
      "\(path) is damaged: \(reason); fetch the file anew"
    case .trailingGzip(let path):
      "\(path) goes on after the end of its compressed data; fetch the file anew"
    case .labelOutOfRange(let path, let index, let label, let classes):
      "label \(index) of \(path) is \(label); it must lie in 0..<\(classes), fetch the file anew"
    case .countMismatch(let images, let labels, let of):
      "\(of) has \(images) images but \(labels) labels; take both files from the same data set"
    case .sizeMismatch(let train, let test, let directory):
      "\(directory) has training images of \(train) but test images of \(test); use one data set's four files"
    case .mixedDatasets(let train, let test, let directory):
      "\(directory) has training labels of \(train) but test labels of \(test); use one data set's four files"
    case .validationTooLarge(let validation, let images):
      """
      \(validation) images for validation out of \(images) leave none to train on; choose \
      0...\(max(images - 1, 0))
      """
    }
  }
}

private func hexadecimal(_ magic: UInt32) -> String {
  let digits = String(magic, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}

/// What a file with these four bytes in front most likely is.
private func guess(_ magic: UInt32) -> String {
  switch magic {
  case IDXKind.images.magic: " (IDX images)"
  case IDXKind.labels.magic: " (IDX labels)"
  case _ where magic >> 24 == UInt32(UInt8(ascii: "<")): " (a web page?)"
  default: ""
  }
}
