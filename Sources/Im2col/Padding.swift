/// The rule that pads an image: with zeros for convolution, with negative infinity for max pooling.
///
/// With `extent = (kernel - 1) * dilation + 1`, along each axis:
///
///     case           before + after                                 output
///     .valid         0                                              (in - extent) / stride + 1
///     .same          max((out - 1) * stride + extent - in, 0)       ceil(in / stride)
///     .sameLower     as .same                                       ceil(in / stride)
///     .sameExtent    2 * ceil(((in - 1) * stride + extent - in)/2)  (in + pads - extent) / stride + 1
///     .explicit      as given                                       (in + pads - extent) / stride + 1
///
/// `.same` is TensorFlow's rule; if the sum is odd, the bottom and the right get one more. `.sameLower` is ONNX's
/// `SAME_LOWER`: the top and the left get one more. `.sameExtent` pads both sides equally and keeps the size of the image at any stride, except that an even extent at stride 1
/// adds one row and one column.
public enum Padding: Sendable, Hashable, Codable {
  /// No padding: every window lies inside the image.
  case valid
  /// TensorFlow's `SAME`: the output has `ceil(in / stride)` rows and columns.
  case same
  /// ONNX's `SAME_LOWER`: as `.same`, with the odd row and column of padding first.
  case sameLower
  /// Symmetric padding that keeps the size of the image at any stride.
  case sameExtent
  /// The given number of rows and columns on each side; none may be negative.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)
}
