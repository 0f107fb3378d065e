import CZlib
import MNISTData
import TestSupport

extension TemporaryFolder {
  /// Writes MNIST's four files with a few small images, and returns their location.
  @discardableResult
  func writeDataset(
    _ subfolder: String = "", train: SmallSet = .train, test: SmallSet = .test, gzipped: Bool
  )
    throws -> MNISTLocation
  {
    let prefix = subfolder.isEmpty ? "" : "\(subfolder)/"
    for (part, set) in [(MNISTPart.train, train), (.test, test)] {
      for (name, bytes) in [(part.imagesName, set.imagesFile), (part.labelsName, set.labelsFile)] {
        let file = prefix + name
        if gzipped { try write(gzip(bytes), file + ".gz") } else { try write(bytes, file) }
      }
    }
    return try MNISTLocation.find(explicit: subfolder.isEmpty ? path : "\(path)/\(subfolder)")
  }
}

/// A few images of 3x2 with different bytes.
struct SmallSet {
  var labels: [UInt8]
  var rows = 3
  var columns = 2
  var firstByte: UInt8 = 0

  static let train = SmallSet(labels: [3, 0, 9, 1, 4])
  static let test = SmallSet(labels: [7, 2], firstByte: 200)

  var pixels: [UInt8] { (0..<labels.count * rows * columns).map { firstByte &+ UInt8($0 % 256) } }
  var imagesFile: [UInt8] { idx(0x803, [labels.count, rows, columns], pixels) }
  var labelsFile: [UInt8] { idx(0x801, [labels.count], labels) }
}

/// The bytes of an IDX file, computed independently of the reader.
func idx(_ magic: UInt32, _ sizes: [Int], _ payload: [UInt8]) -> [UInt8] {
  ([magic] + sizes.map { UInt32($0) }).flatMap { withUnsafeBytes(of: $0.bigEndian) { Array($0) } } + payload
}

/// One gzip member, made by zlib.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  let ready = deflateInit2_(
    &stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  precondition(ready == Z_OK)
  defer { deflateEnd(&stream) }
  var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 64))
  let length = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
      (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
      precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
      return Int(stream.total_out)
    }
  }
  return Array(output.prefix(length))
}
