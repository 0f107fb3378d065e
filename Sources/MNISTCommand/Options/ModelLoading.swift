import ConvNetFiles
import MNISTData

extension ModelFile {
  /// The scale of the model's input pixels.
  ///
  /// - Throws: `UnknownScale` if the divisor is neither 255 nor 256.
  func pixelScale() throws(UnknownScale) -> PixelScale {
    guard let scale = PixelScale(rawValue: pixelDivisor) else { throw UnknownScale(divisor: pixelDivisor) }
    return scale
  }
}

/// A model whose pixel divisor is not supported.
struct UnknownScale: Error, CustomStringConvertible {
  let divisor: Int

  var description: String {
    "the model divides pixel bytes by \(divisor), but only 255 and 256 are supported; "
      + "correct pixel_divisor in its metadata"
  }
}
