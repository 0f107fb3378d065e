import DigitImages
import Foundation
import Im2col

/// A picture of numbers inside the page.
struct PictureView {
  /// `data:image/png;base64,...`
  let source: String

  init(_ image: GrayImage) throws {
    source = "data:image/png;base64," + Data(try image.png()).base64EncodedString()
  }

  /// Numbers as shades, from black at the range's lower end to white at its upper end.
  ///
  /// - Parameter numbers: `[size.height, size.width]`.
  init(_ numbers: [Float], size: Size2D, range: ClosedRange<Float>) throws {
    let span = range.upperBound - range.lowerBound
    try self.init(
      GrayImage(
        size: size,
        pixels: numbers.map { number in
          // Also where all numbers are the same, or one of them is none.
          let share = span > 0 ? (number - range.lowerBound) / span : 0
          return share > 0 ? UInt8(min(share, 1) * 255 + 0.5) : 0
        }))
  }
}

extension [Float] {
  /// The finite numbers' smallest and largest; `0...0` without any.
  var extent: ClosedRange<Float> {
    let finite = lazy.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...0 }
    return low...high
  }
}
