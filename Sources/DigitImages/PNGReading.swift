import CPNGShim
import Im2col

extension GrayImage {
  /// The largest number of rows and of columns that is read.
  package static let largestSide = 4096

  /// Decodes a PNG file of any kind: gray, color or palette, with or without alpha, 1 to 16 bits, interlaced
  /// or not.
  ///
  ///     red, green, blue, alpha  -- over white -->  red, green, blue  -- luma (BT.709) -->  gray
  ///
  /// Gamma and color profiles are ignored: pixels are treated as sRGB, which drawing programs write.
  ///
  /// - Throws: `PNGError`, whatever the bytes are.
  /// - Complexity: O(pixels) time, and 5 bytes per pixel.
  package init(png bytes: [UInt8]) throws(PNGError) {
    var image = cpng_shim_image()
    let status = bytes.withUnsafeBufferPointer {
      cpng_shim_read($0.baseAddress, $0.count, UInt32(Self.largestSide), &image)
    }
    let (width, height) = (Int(image.width), Int(image.height))
    guard status == cpng_shim_ok, let pixels = image.pixels else {
      switch status {
      case cpng_shim_not_png: throw .notPNG(kind: PNGError.kind(of: bytes))
      case cpng_shim_too_large: throw .tooLarge(width: width, height: height, limit: Self.largestSide)
      case cpng_shim_damaged: throw .damaged(reason: shimText(image.message))
      default: throw .noMemory(width: width, height: height)
      }
    }
    defer { cpng_shim_free(pixels) }
    self.init(
      size: Size2D(height: height, width: width),
      pixels: Array(unsafeUninitializedCapacity: width * height) { gray, count in
        for pixel in 0..<width * height { gray[pixel] = luma(onWhite: pixels + 4 * pixel) }
        count = width * height
      })
  }
}

/// The brightness of red, green, blue and alpha over white, with ITU-R BT.709's weights in ten-thousandths.
private func luma(onWhite rgba: UnsafePointer<UInt8>) -> UInt8 {
  let color = 2126 &* Int32(rgba[0]) &+ 7152 &* Int32(rgba[1]) &+ 722 &* Int32(rgba[2])
  // The brightness that white loses, in 1/2,550,000; at most 255 * 2,550,000, which fits Int32.
  let lost = (2_550_000 &- color) &* Int32(rgba[3])
  return UInt8(truncatingIfNeeded: 255 &- (lost &+ 1_275_000) / 2_550_000)
}

/// The text of a fixed-length C array.
func shimText<Array>(_ array: Array) -> String {
  withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

extension GrayImage {
  /// The version of libpng in use, for example `1.6.39`.
  package static var pngVersion: String { String(cString: cpng_shim_version()) }
}
