/// The bytes of a file in order, decompressed on the way if the file is gzip.
struct PayloadReader<Source: ByteSource & ~Copyable>: ~Copyable {
  private let file: Source
  private let inflater: GzipInflater?
  /// Bytes handed out so far.
  private var position = 0

  var path: String { file.path }

  /// Begins to read; the first two bytes tell whether it is gzip, whatever its name.
  init(_ file: consuming Source) throws(DatasetError) {
    inflater = file.begins(with: [0x1f, 0x8b]) ? try GzipInflater(path: file.path) : nil
    self.file = file
  }

  /// Whether the payload is compressed.
  var isGzip: Bool { inflater != nil }

  /// Throws if the file cannot hold a payload of so many bytes, before memory is taken for it.
  func requirePlausible(length: Int) throws(DatasetError) {
    if inflater == nil {
      guard file.length >= length else {
        throw .truncated(path: path, expected: length, actual: file.length)
      }
      guard file.length == length else { throw .trailingBytes(path: path, expected: length) }
    } else if length / bestRatio > file.length {
      throw .implausible(path: path, expected: length, compressed: file.length)
    }
  }

  /// The next bytes.
  ///
  /// - Parameter length: the payload's whole length as far as it is known, for the message.
  /// - Throws: `DatasetError.truncated` when the payload ends before.
  mutating func read(_ count: Int, ofLength length: Int) throws(DatasetError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try read(into: &bytes)
    guard filled == count else {
      throw .truncated(path: path, expected: length, actual: position)
    }
    return bytes
  }

  /// Throws unless the payload ends here, with the right checksum if it is gzip.
  mutating func requireEnd() throws(DatasetError) {
    var beyond: [UInt8] = [0]
    guard try read(into: &beyond) == 0 else {
      throw .trailingBytes(path: path, expected: position - 1)
    }
    if let inflater, !inflater.hasEnded {
      throw .corruptGzip(path: path, reason: "it ends before its checksum")
    }
  }

  private mutating func read(into bytes: inout [UInt8]) throws(DatasetError) -> Int {
    let filled = try bytes.withUnsafeMutableBufferPointer { buffer throws(DatasetError) -> Int in
      let destination = UnsafeMutableRawBufferPointer(buffer)
      guard let inflater else { return try file.read(into: destination) }
      return try inflater.read(from: file, into: destination)
    }
    position += filled
    return filled
  }
}

extension PayloadReader where Source == InputFile {
  /// Opens a file.
  init(path: String) throws(DatasetError) { try self.init(InputFile(path: path)) }
}

/// Deflate spends at least 2 bits on at most 258 bytes.
private let bestRatio = 258 * 8 / 2
