import CPNGShim
import Im2col

extension GrayImage {
  /// Encodes the image as a PNG file with 8 bits per pixel; the same pixels give the same bytes.
  ///
  /// - Parameter palette: the colors that replace the shades of gray.
  /// - Throws: `PNGError.noMemory`, or `.damaged` with libpng's words when it refuses the size.
  /// - Complexity: O(pixels).
  package func png(palette: Palette? = nil) throws(PNGError) -> [UInt8] {
    var file = cpng_shim_file()
    guard let width = UInt32(exactly: size.width), let height = UInt32(exactly: size.height) else {
      throw .noMemory(width: size.width, height: size.height)
    }
    let colors = palette?.bytes ?? []
    let status = pixels.withUnsafeBufferPointer { pixels in
      colors.withUnsafeBufferPointer { colors in
        cpng_shim_write(
          pixels.baseAddress, palette == nil ? nil : colors.baseAddress, width, height, &file)
      }
    }
    guard status == cpng_shim_ok, let bytes = file.bytes else {
      guard status == cpng_shim_damaged else { throw .noMemory(width: size.width, height: size.height) }
      throw .damaged(reason: shimText(file.message))
    }
    defer { cpng_shim_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: file.count))
  }
}
