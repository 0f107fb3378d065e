/// Reads the bytes of a file in order, and decompresses a gzip file.
struct PayloadReader<Source: ByteSource & ~Copyable>: ~Copyable {
  private let file: Source
  private let inflater: GzipInflater?
  /// The number of bytes read so far.
  private var position = 0

  var path: String { file.path }

  /// Creates a reader. The first two bytes, not the name, determine whether the file is gzip.
  init(_ file: consuming Source) throws(DatasetError) {
    inflater = file.begins(with: [0x1f, 0x8b]) ? try GzipInflater(path: file.path) : nil
    self.file = file
  }

  /// Whether the payload is compressed.
  var isGzip: Bool { inflater != nil }

  /// Checks that the file can contain a payload of `length` bytes, before memory is allocated for it.
  func requirePlausible(length: Int) throws(DatasetError) {
    if inflater == nil {
      guard file.length >= length else {
        throw .truncated(path: path, expected: length, actual: file.length)
      }
      guard file.length == length else { throw .trailingBytes(path: path, expected: length) }
    } else if length / maxRatio > file.length {
      throw .implausible(path: path, expected: length, compressed: file.length)
    }
  }

  /// Reads the next `count` bytes.
  ///
  /// - Parameter length: the length of the whole payload, for the message.
  /// - Throws: `DatasetError.truncated` when the payload ends first.
  mutating func read(_ count: Int, ofLength length: Int) throws(DatasetError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try read(into: &bytes)
    guard filled == count else {
      throw .truncated(path: path, expected: length, actual: position)
    }
    return bytes
  }

  /// Checks that the payload ends here, with a valid checksum if it is gzip.
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

extension PayloadReader where Source == FileSource {
  /// Opens a file.
  init(path: String) throws(DatasetError) { try self.init(FileSource(path: path)) }
}

/// Deflate uses at least 2 bits for at most 258 bytes.
private let maxRatio = 258 * 8 / 2
