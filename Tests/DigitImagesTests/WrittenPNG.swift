import CZlib

/// A PNG file written after the specification (W3C, "Portable Network Graphics", third edition) with zlib,
/// independently of libpng.
struct WrittenPNG {
  var width: Int
  var height: Int
  /// Bits per sample: 1, 2, 4, 8 or 16.
  var depth = 8
  var color = Color.gray
  var interlaced = false
  /// Red, green and blue of every entry.
  var palette: [UInt8] = []
  /// The content of the tRNS chunk, or empty for none.
  var transparency: [UInt8] = []
  /// Complete chunks before the pixels.
  var extras: [UInt8] = []
  /// The samples of a pixel.
  var samples: (_ row: Int, _ column: Int) -> [Int]

  enum Color: UInt8, CaseIterable {
    case gray = 0, rgb = 2, palette = 3, grayAlpha = 4, rgba = 6
  }

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  var bytes: [UInt8] {
    let header = word(width) + word(height) + [UInt8(depth), color.rawValue, 0, 0, interlaced ? 1 : 0]
    var file = Self.signature + Self.chunk("IHDR", header) + extras
    if !palette.isEmpty { file += Self.chunk("PLTE", palette) }
    if !transparency.isEmpty { file += Self.chunk("tRNS", transparency) }
    return file + Self.chunk("IDAT", Self.deflate(scanlines)) + Self.chunk("IEND", [])
  }

  /// Rows of packed samples, each after a filter byte; the rows of seven passes if interlaced.
  private var scanlines: [UInt8] {
    let passes =
      interlaced
      ? [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]
      : [(0, 1, 0, 1)]
    var rows: [UInt8] = []
    for (firstRow, rowStep, firstColumn, columnStep) in passes where firstColumn < width {
      for row in stride(from: firstRow, to: height, by: rowStep) {
        var bits: [Int] = []
        for column in stride(from: firstColumn, to: width, by: columnStep) {
          for sample in samples(row, column) {
            for bit in (0..<depth).reversed() { bits.append(sample >> bit & 1) }
          }
        }
        bits += [Int](repeating: 0, count: (8 - bits.count % 8) % 8)
        rows.append(0)
        for start in stride(from: 0, to: bits.count, by: 8) {
          rows.append(UInt8(bits[start..<start + 8].reduce(0) { $0 << 1 | $1 }))
        }
      }
    }
    return rows
  }

  /// A chunk: length, name, content, checksum.
  static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    let sum = body.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
    return word(content.count) + body + word(Int(sum))
  }

  static func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(count))
    let status = compress2(&output, &count, bytes, UInt(bytes.count), 9)
    precondition(status == Z_OK)
    return Array(output.prefix(Int(count)))
  }
}

private func word(_ number: Int) -> [UInt8] {
  withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian) { Array($0) }
}
