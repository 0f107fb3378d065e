import CPNGShim
import Im2col

extension GrayImage {
  /// The picture as a PNG file of 8 bits of gray a pixel; the same pixels give the same bytes.
  ///
  /// - Throws: `PNGError.noMemory`, or `.damaged` with libpng's words when it refuses the size.
  /// - Complexity: O(pixels).
  package func png() throws(PNGError) -> [UInt8] {
    var file = cpng_shim_file()
    guard let width = UInt32(exactly: size.width), let height = UInt32(exactly: size.height) else {
      throw .noMemory(width: size.width, height: size.height)
    }
    let status = pixels.withUnsafeBufferPointer {
      cpng_shim_write_gray($0.baseAddress, width, height, &file)
    }
    guard status == cpng_shim_ok, let bytes = file.bytes else {
      guard status == cpng_shim_damaged else { throw .noMemory(width: size.width, height: size.height) }
      throw .damaged(reason: shimText(file.message))
    }
    defer { cpng_shim_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: file.count))
  }
}
