import CZlib

/// zlib's decompression of one gzip member that has to reach to the end of its file.
///
/// The whole file is never in memory: 64 KiB at a time go in, and no more comes out than
/// the caller has room for, so a file that expands without end does no harm.
final class GzipInflater {
  /// Whether the member has ended and zlib has found its checksum and length right.
  private(set) var hasEnded = false

  /// On the heap because zlib keeps a pointer back to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer

  init(path: String) throws(DatasetError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: 64 << 10, alignment: 16)
    // 15 is the largest window; 16 more means gzip, and nothing but gzip.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw .unreadable(path: path, reason: "zlib cannot start (code \(status))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills the destination; a smaller count than asked for means the end of member or file.
  func read(
    from file: borrowing some ByteSource & ~Copyable, into destination: UnsafeMutableRawBufferPointer
  ) throws(DatasetError) -> Int {
    var filled = 0
    while filled < destination.count, !hasEnded {
      if stream.pointee.avail_in == 0 {
        let count = try file.read(into: input)
        if count == 0 { break }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
      }
      let rest = destination[filled...].prefix(1 << 30)
      stream.pointee.next_out = UnsafeMutableRawBufferPointer(rebasing: rest)
        .baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(rest.count)
      let status = inflate(stream, Z_NO_FLUSH)
      filled += rest.count - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK: continue
      case Z_STREAM_END: try end(file)
      default: throw .corruptGzip(path: file.path, reason: reason(status))
      }
    }
    return filled
  }

  /// Notes the end, and that the file ends here too.
  private func end(_ file: borrowing some ByteSource & ~Copyable) throws(DatasetError) {
    hasEnded = true
    guard stream.pointee.avail_in == 0, try file.read(into: input) == 0 else {
      throw .trailingGzip(path: file.path)
    }
  }

  private func reason(_ status: Int32) -> String {
    stream.pointee.msg.map { String(cString: $0) } ?? "zlib gives up with code \(status)"
  }
}
