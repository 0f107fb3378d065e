import DigitImages
import Foundation
import Im2col

/// A picture embedded in the page.
struct PictureView {
  /// `data:image/png;base64,...`
  let source: String

  init(_ image: GrayImage, palette: Palette? = nil) throws {
    source = "data:image/png;base64," + Data(try image.png(palette: palette)).base64EncodedString()
  }

  /// Numbers as shades of gray, from black at the lower end of the range to white at the upper end.
  ///
  /// - Parameters:
  ///   - numbers: `[size.height, size.width]`.
  ///   - palette: replaces the shades of gray.
  init(_ numbers: [Float], size: Size2D, range: ClosedRange<Float>, palette: Palette? = nil) throws {
    let span = range.upperBound - range.lowerBound
    try self.init(
      GrayImage(
        size: size,
        pixels: numbers.map { number in
          // 0 if all numbers are equal, or for NaN.
          let brightness = span > 0 ? (number - range.lowerBound) / span : 0
          return brightness > 0 ? UInt8(min(brightness, 1) * 255 + 0.5) : 0
        }), palette: palette)
  }
}

extension [Float] {
  /// The range of the finite numbers; `0...0` if there are none.
  var extent: ClosedRange<Float> {
    let finite = lazy.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...0 }
    return low...high
  }
}
