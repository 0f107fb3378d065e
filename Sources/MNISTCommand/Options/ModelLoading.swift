import ConvNetFiles
import MNISTData

extension ModelFile {
  /// How the model's images have to be scaled.
  ///
  /// - Throws: `UnknownScale` when the bytes are divided by something else than 255 or 256.
  func pixelScale() throws(UnknownScale) -> PixelScale {
    guard let scale = PixelScale(rawValue: pixelDivisor) else { throw UnknownScale(divisor: pixelDivisor) }
    return scale
  }
}

/// A model that wants images as this command cannot prepare them.
struct UnknownScale: Error, CustomStringConvertible {
  let divisor: Int

  var description: String {
    "the model's images have their bytes divided by \(divisor), but only 255 and 256 are possible here; "
      + "correct pixel_divisor in its metadata"
  }
}
