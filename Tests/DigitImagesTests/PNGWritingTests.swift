import DigitImages
import Im2col
import Testing

@Suite struct PNGWritingTests {
  @Test func writtenPicturesReadBack() throws {
    for (height, width) in [(1, 1), (5, 3), (28, 28), (2, 4096)] {
      let pixels = (0..<height * width).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ height) }
      let image = GrayImage(size: Size2D(height: height, width: width), pixels: pixels)
      let bytes = try image.png()
      #expect(try GrayImage(png: bytes) == image)
      #expect(try image.png() == bytes)
    }
  }

  @Test func aWidthBeyondTheFormatIsAnError() {
    let wide = GrayImage(
      size: Size2D(height: 1, width: 1_000_001), pixels: .init(repeating: 0, count: 1_000_001))
    #expect(throws: PNGError.self) { try wide.png() }
  }
}
