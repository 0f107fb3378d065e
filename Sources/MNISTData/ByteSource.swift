import ConvNetFiles
import Glibc

/// A sequence of bytes to decode: a file or an array.
protocol ByteSource: ~Copyable {
  /// The name for messages.
  var path: String { get }
  /// The total number of bytes.
  var length: Int { get }
  /// Fills the destination and returns the number of bytes, less than its size only at the end.
  func read(into destination: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int
  /// Whether the source begins with these bytes; the reading position does not move.
  func begins(with bytes: [UInt8]) -> Bool
}

/// The bytes of a regular file.
struct FileSource: ByteSource, ~Copyable {
  private let file: RegularFile

  init(path: String) throws(DatasetError) {
    do throws(FileError) { file = try RegularFile(path: path) } catch {
      throw DatasetError(error, path: path)
    }
  }

  var path: String { file.path }
  var length: Int { file.size }

  func read(into destination: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    do throws(FileError) {
      return try file.readUpToEnd(into: destination)
    } catch {
      throw DatasetError(error, path: path)
    }
  }

  func begins(with bytes: [UInt8]) -> Bool { file.begins(with: bytes) }
}

extension DatasetError {
  fileprivate init(_ error: FileError, path: String) {
    switch error {
    case .notRegular: self = .notAFile(path: path)
    case .system(_, _, let code): self = .unreadable(path: path, reason: String(cString: strerror(code)))
    default: self = .unreadable(path: path, reason: error.description)
    }
  }
}

/// Bytes in memory.
final class MemorySource: ByteSource {
  let path: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8], name: String) { (self.bytes, path) = (bytes, name) }

  var length: Int { bytes.count }

  func read(into destination: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(destination.count, bytes.count - position)
    bytes.withUnsafeBytes { destination.copyMemory(from: .init(rebasing: $0[position..<position + count])) }
    position += count
    return count
  }

  func begins(with start: [UInt8]) -> Bool { bytes.starts(with: start) }
}
