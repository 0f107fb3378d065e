/// How many zeros (for pooling: how many minus infinities) surround an image.
///
/// With `extent = (kernel - 1) * dilation + 1`, along each axis:
///
///     case           before + after                                 output
///     .valid         0                                              (in - extent) / stride + 1
///     .same          max((out - 1) * stride + extent - in, 0)       ceil(in / stride)
///     .sameExtent    2 * ceil(((in - 1) * stride + extent - in)/2)  (in + pads - extent) / stride + 1
///     .explicit      as given                                       (in + pads - extent) / stride + 1
///
/// `.same` is TensorFlow's rule: an odd pixel goes to the bottom and to the right.
/// `.sameExtent` pads both sides alike and keeps the image's size at any stride,
/// except that an even extent at stride 1 adds one row and column.
public enum Padding: Sendable, Hashable, Codable {
  /// No padding: every window lies inside the image.
  case valid
  /// TensorFlow's "SAME": the output has `ceil(in / stride)` rows and columns.
  case same
  /// The symmetric rule that keeps the image's size whatever the stride.
  case sameExtent
  /// As many rows and columns as given on each side; none may be negative.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)
}
