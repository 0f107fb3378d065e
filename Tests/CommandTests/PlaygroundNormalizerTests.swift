import DigitImages
import Foundation
import Im2col
import Testing

/// How a drawing becomes 28 x 28 in the playground: byte for byte as `DigitImages` does it.
@Suite struct PlaygroundNormalizerTests {
  /// A drawing as the script reads it.
  private struct Vector: Encodable {
    let height, width: Int
    let pixels: String
  }

  private static func drawing(_ index: Int) -> GrayImage {
    // Odd, unequal sizes below and above 28; both polarities, with and without noise.
    let (height, width) = (17 + 23 * (index % 9), 19 + 17 * (index % 11))
    let drawn = RandomDrawing(
      seed: UInt32(index), height: height, width: width, isDarkOnLight: index % 2 == 1, noise: index % 3 * 9)
    return GrayImage(size: Size2D(height: height, width: width), pixels: drawn.pixels)
  }

  @Test(.enabled("needs Chromium", { Chromium.executable != nil }))
  func drawingsBecomeTheSameBytes() throws {
    let drawings = (0..<60).map(Self.drawing)
    let vectors = drawings.map {
      Vector(height: $0.size.height, width: $0.size.width, pixels: Data($0.pixels).base64EncodedString())
    }
    let values = try PlaygroundScript.run(
      ["normalizer.js"], data: String(decoding: JSONEncoder().encode(vectors), as: UTF8.self),
      body: """
        data.forEach(({ height, width, pixels }, index) =>
          report("drawing" + index, Normalizer.digit({ height, width, pixels: bytesOf(pixels) }) ?? []));
        """)
    for (index, drawing) in drawings.enumerated() {
      let expected = try DigitNormalizer.digit(drawing).image.pixels.map(Float.init)
      #expect(values["drawing\(index)"] == expected, "drawing \(index), \(drawing.size)")
    }
  }

  @Test(.enabled("needs Chromium", { Chromium.executable != nil }))
  func blankDrawingsAndColors() throws {
    let values = try PlaygroundScript.run(
      ["normalizer.js"], data: "null",
      body: """
        const blank = (value) => Normalizer.digit({ height: 9, width: 7, pixels: new Uint8Array(63).fill(value) });
        report("blank", [blank(0), blank(255), blank(77)].map((digit) => (digit === null ? 1 : 0)));
        const faint = new Uint8Array(63).fill(10);
        faint[31] = 33;
        report("faint", [Normalizer.digit({ height: 9, width: 7, pixels: faint }) === null ? 1 : 0]);
        const rgba = Uint8Array.from({ length: 4 * 256 }, (_, index) => (index * 37 + (index >> 3) * 11) & 255);
        report("gray", Normalizer.gray(rgba));
        """)
    #expect(values["blank"] == [1, 1, 1] && values["faint"] == [1])
    // The luma of DigitImages over white, in integers.
    let gray = (0..<256).map { pixel -> Float in
      let rgba = (0..<4).map { channel in (4 * pixel + channel) * 37 + ((4 * pixel + channel) >> 3) * 11 & 255
      }
      let lost =
        (2_550_000 - (2126 * (rgba[0] & 255) + 7152 * (rgba[1] & 255) + 722 * (rgba[2] & 255)))
        * (rgba[3] & 255)
      return Float(255 - (lost + 1_275_000) / 2_550_000)
    }
    #expect(values["gray"] == gray)
  }
}
