import CZlib

/// Decompresses a file of exactly one gzip member.
///
/// Memory is bounded, also for a decompression bomb: the input is read in blocks of 64 KiB, and the output is
/// limited to the caller's buffer.
final class GzipInflater {
  /// Whether the member has ended with a valid checksum and length.
  private(set) var hasEnded = false

  /// On the heap, because zlib stores a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer

  init(path: String) throws(DatasetError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: 64 << 10, alignment: 16)
    // 15: the largest window; + 16: gzip only.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw .unreadable(path: path, reason: "zlib failed to start (code \(status))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills the destination and returns the number of bytes, less than its size only at the end.
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

  /// Records the end of the member, and checks that the file ends too.
  private func end(_ file: borrowing some ByteSource & ~Copyable) throws(DatasetError) {
    hasEnded = true
    guard stream.pointee.avail_in == 0, try file.read(into: input) == 0 else {
      throw .trailingGzip(path: file.path)
    }
  }

  private func reason(_ status: Int32) -> String {
    stream.pointee.msg.map { String(cString: $0) } ?? "zlib failed with code \(status)"
  }
}
