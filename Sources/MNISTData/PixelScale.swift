/// What a pixel's byte is divided by to become a number from 0 to 1.
///
/// A model has to see images as it saw them in training, so the scale is kept with it.
public enum PixelScale: Int, Sendable, CaseIterable, CustomStringConvertible {
  /// 1/255: white is 1, as in PyTorch and Keras.
  case over255 = 255
  /// 1/256: every pixel is exact in binary; what the course's own data hold.
  case over256 = 256

  /// `1/255` or `1/256`.
  public var description: String { "1/\(rawValue)" }

  /// The number nearest to byte / divisor; never off by the rounding of a reciprocal.
  public func callAsFunction(_ byte: UInt8) -> Float { Float(byte) / Float(rawValue) }
}
