import DigitImages
import Im2col
import Testing

/// Every kind of PNG against the values that the specification gives its samples, in Double.
@Suite struct PNGReadingTests {
  /// All pairs of color type and bit depth in the format.
  static let kinds: [(WrittenPNG.Color, depth: Int)] = [
    (.gray, 1), (.gray, 2), (.gray, 4), (.gray, 8), (.gray, 16), (.rgb, 8), (.rgb, 16), (.palette, 1),
    (.palette, 2),
    (.palette, 4), (.palette, 8), (.grayAlpha, 8), (.grayAlpha, 16), (.rgba, 8), (.rgba, 16),
  ]

  /// The brightness over white of red, green, blue and alpha in 0...1.
  private func brightness(_ red: Double, _ green: Double, _ blue: Double, _ alpha: Double) -> Double {
    255 * (1 - alpha + alpha * (0.2126 * red + 0.7152 * green + 0.0722 * blue))
  }

  /// A pseudorandom number determined by the position and the channel.
  private func noise(_ row: Int, _ column: Int, _ channel: Int, below limit: Int) -> Int {
    Int((UInt64(row * 7919 + column * 104_729 + channel * 1299 + 1) &* 0x9E37_79B9_7F4A_7C15) >> 33) % limit
  }

  @Test(arguments: kinds, [false, true])
  func everyKind(_ kind: (WrittenPNG.Color, depth: Int), interlaced: Bool) throws {
    let (color, depth) = kind
    // Fewer columns than an Adam7 pass needs, a row that ends within a byte, and odd sizes.
    for (height, width) in [(1, 1), (3, 2), (13, 11)] {
      let levels = 1 << depth
      let entries = min(levels, 200)
      let channels = [WrittenPNG.Color.gray: 1, .palette: 1, .grayAlpha: 2, .rgb: 3, .rgba: 4][color] ?? 0
      let file = WrittenPNG(
        width: width, height: height, depth: depth, color: color, interlaced: interlaced,
        palette: color == .palette ? (0..<3 * entries).map { UInt8(self.noise(0, $0, 9, below: 256)) } : []
      ) { row, column in
        (0..<channels).map { self.noise(row, column, $0, below: color == .palette ? entries : levels) }
      }
      let image = try GrayImage(png: file.bytes)
      #expect(image.size == Size2D(height: height, width: width))
      for row in 0..<height {
        for column in 0..<width {
          let samples = file.samples(row, column)
          let s = samples.map { Double($0) / Double(levels - 1) }
          let expected =
            switch color {
            case .gray: brightness(s[0], s[0], s[0], 1)
            case .grayAlpha: brightness(s[0], s[0], s[0], s[1])
            case .rgb: brightness(s[0], s[1], s[2], 1)
            case .rgba: brightness(s[0], s[1], s[2], s[3])
            case .palette:
              {
                let entry = file.palette[3 * samples[0]..<3 * samples[0] + 3].map { Double($0) / 255 }
                return brightness(entry[0], entry[1], entry[2], 1)
              }()
            }
          // 0.5 for the final rounding; color and alpha of 16 bits are rounded to 8 first.
          let bound = depth == 16 ? 1.5 + 1e-9 : 0.5 + 1e-9
          #expect(
            abs(Double(image[row, column]) - expected) <= bound,
            "\(color) of \(depth) bits, \(height)x\(width), row \(row), column \(column): \(samples)")
        }
      }
    }
  }

  @Test func transparentColorsAreWhite() throws {
    let gray = WrittenPNG(width: 3, height: 1, depth: 4, transparency: [0, 5]) { _, column in
      [column == 1 ? 5 : 0]
    }
    #expect(try GrayImage(png: gray.bytes).pixels == [0, 255, 0])
    let rgb = WrittenPNG(width: 2, height: 1, color: .rgb, transparency: [0, 9, 0, 8, 0, 7]) { _, column in
      column == 0 ? [9, 8, 7] : [0, 0, 0]
    }
    #expect(try GrayImage(png: rgb.bytes).pixels == [255, 0])
    // The first entry is half transparent; the second is opaque because it is omitted.
    let palette = WrittenPNG(
      width: 2, height: 1, color: .palette, palette: [0, 0, 0, 10, 10, 10], transparency: [128]
    ) { _, column in [column] }
    #expect(try GrayImage(png: palette.bytes).pixels == [127, 10])
  }

  @Test func theLargestSideIsReadAndOneMorePixelIsNot() throws {
    let wide = WrittenPNG(width: 4096, height: 1, depth: 1) { _, column in [column == 4095 ? 1 : 0] }
    let image = try GrayImage(png: wide.bytes)
    #expect(image.size == Size2D(height: 1, width: 4096) && image[0, 4095] == 255 && image[0, 4094] == 0)
    let wider = WrittenPNG(width: 4097, height: 2, depth: 1) { _, _ in [0] }
    #expect(throws: PNGError.tooLarge(width: 4097, height: 2, limit: 4096)) {
      try GrayImage(png: wider.bytes)
    }
    let higher = WrittenPNG(width: 1, height: 4097, depth: 1) { _, _ in [0] }
    #expect(throws: PNGError.tooLarge(width: 1, height: 4097, limit: 4096)) {
      try GrayImage(png: higher.bytes)
    }
  }

  @Test func otherFilesAreNamed() {
    let cases: [([UInt8], String?)] = [
      ([], "an empty file"), ([0xFF, 0xD8, 0xFF, 0xE0], "JPEG"), (Array("GIF89a".utf8), "GIF"),
      (Array("<html>".utf8), "a web page"), (Array(WrittenPNG.signature.prefix(5)), "the beginning of one"),
      (Array("hello, hello".utf8), nil),
    ]
    for (bytes, kind) in cases {
      #expect(throws: PNGError.notPNG(kind: kind)) { try GrayImage(png: bytes) }
    }
    #expect(
      PNGError.notPNG(kind: "JPEG").description
        == "not a PNG file, it looks like JPEG; save the picture as PNG")
  }

  /// Texts that would inflate to gigabytes are skipped, whatever their checksum or content.
  @Test func otherChunksAreIgnored() throws {
    let bomb = Array("Comment".utf8) + [0, 0] + WrittenPNG.deflate([UInt8](repeating: 65, count: 1 << 22))
    var text = WrittenPNG.chunk("zTXt", bomb)
    text[text.count - 1] ^= 1
    let profile = WrittenPNG.chunk("iCCP", Array("nonsense".utf8))
    var file = WrittenPNG(width: 2, height: 1) { _, column in [column * 200] }
    for _ in 0..<2000 { file.extras += WrittenPNG.chunk("tEXt", [65, 0, 66]) }
    file.extras += text + profile + WrittenPNG.chunk("gAMA", [0, 0, 0, 1])
    #expect(try GrayImage(png: file.bytes).pixels == [0, 200])
  }

  /// Image data that go on after the last row are not read, not even their missing end.
  @Test func theLastRowEndsThePicture() throws {
    let header = WrittenPNG(width: 2, height: 1) { _, column in [column * 200] }.bytes.prefix(33)
    let data = WrittenPNG.deflate([0, 0, 200] + [UInt8](repeating: 0, count: 1 << 25))
    #expect(data.count > 1 << 14)
    let file = header + WrittenPNG.chunk("IDAT", data).dropLast(5)
    #expect(try GrayImage(png: Array(file)).pixels == [0, 200])
  }

  @Test(arguments: [false, true]) func everyTruncationIsAnError(interlaced: Bool) {
    let bytes = sample(interlaced: interlaced)
    for count in 0..<bytes.count {
      #expect(throws: PNGError.self, "\(count) bytes") { try GrayImage(png: Array(bytes.prefix(count))) }
    }
  }

  @Test(arguments: [false, true]) func everyBitFlipGivesAPictureOrAnError(interlaced: Bool) throws {
    let bytes = sample(interlaced: interlaced)
    let whole = try GrayImage(png: bytes)
    var refused = 0
    for bit in 0..<8 * bytes.count {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      do throws(PNGError) {
        let image = try GrayImage(png: flipped)
        // Only ancillary chunks may change undetected: here the transparency.
        #expect(image.size == whole.size, "bit \(bit)")
      } catch {
        refused += 1
      }
    }
    #expect(refused > 7 * bytes.count, "\(refused) of \(8 * bytes.count)")
  }

  /// With valid checksums, changed bytes reach deeper code of libpng.
  @Test func changedBytesWithValidChecksums() {
    let header: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 5, 8, 3, 0, 0, 1]
    let palette: [UInt8] = [0, 0, 0, 9, 9, 9]
    let rows = WrittenPNG.deflate([UInt8](repeating: 1, count: 60))
    for index in 0..<header.count + palette.count + rows.count {
      for value: UInt8 in [0, 1, 2, 4, 6, 16, 127, 128, 255] {
        var (header, palette, rows) = (header, palette, rows)
        if index < header.count {
          header[index] = value
        } else if index < header.count + palette.count {
          palette[index - header.count] = value
        } else {
          rows[index - header.count - palette.count] = value
        }
        let file =
          WrittenPNG.signature + WrittenPNG.chunk("IHDR", header) + WrittenPNG.chunk("PLTE", palette)
          + WrittenPNG.chunk("IDAT", rows) + WrittenPNG.chunk("IEND", [])
        do throws(PNGError) {
          let image = try GrayImage(png: file)
          #expect(image.pixels.count == image.size.height * image.size.width)
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  private func sample(interlaced: Bool) -> [UInt8] {
    WrittenPNG(
      width: 7, height: 5, color: .palette, interlaced: interlaced,
      palette: [255, 0, 0, 0, 255, 0, 9, 9, 9],
      transparency: [3]
    ) { [($0 + $1) % 3] }.bytes
  }
}
