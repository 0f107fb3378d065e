/// The divisor that scales a pixel's byte to 0...1.
///
/// A model needs the same scale for inference as for training, so its file contains the scale.
public enum PixelScale: Int, Sendable, CaseIterable, CustomStringConvertible {
  /// 1/255: white is 1, as in PyTorch and Keras.
  case over255 = 255
  /// 1/256: every value is exact in binary, as in the course's data.
  case over256 = 256

  /// `1/255` or `1/256`.
  public var description: String { "1/\(rawValue)" }

  /// The Float32 nearest to byte / divisor, without the rounding error of a reciprocal.
  public func callAsFunction(_ byte: UInt8) -> Float { Float(byte) / Float(rawValue) }
}
