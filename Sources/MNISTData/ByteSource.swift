/// Bytes in order, wherever they come from.
protocol ByteSource: ~Copyable {
  /// What messages call it.
  var path: String { get }
  /// Bytes in all.
  var length: Int { get }
  /// Fills the destination; a smaller count than asked for means the end.
  func read(into destination: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int
  /// Whether it begins with these bytes; does not move the reading position.
  func begins(with bytes: [UInt8]) -> Bool
}

/// Bytes that are in memory already.
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
