/// The positions of a sliding window along one axis.
///
/// This is the only place that computes an output size from input, kernel, stride, dilation and padding.
///
/// Window `o` reads the input positions `o * stride - before + tap * dilation`:
///
///     kernel 3, stride 2, dilation 1, before 1, input 6
///
///     input        p  0  1  2  3  4  5
///     window 0    [x  x  x]
///     window 1          [x  x  x]
///     window 2                [x  x  x]          output 3
///
/// The number of windows is rounded down: the last positions may belong to no window. If it is rounded up, they
/// do, except that a window that would start after the last position of the image is left out (PyTorch's rule
/// for `ceil_mode`):
///
///     kernel 2, stride 2, dilation 1, before 0, input 5
///
///     input       0  1  2  3  4
///     window 0   [x  x]
///     window 1         [x  x]
///     window 2               [x  x]             output 3, and 2 rounded down
public struct AxisGeometry: Sendable, Hashable {
  /// The length of the image along the axis, without padding.
  public let input: Int
  /// The number of taps of the kernel.
  public let kernel: Int
  /// The distance between neighboring windows.
  public let stride: Int
  /// The distance between neighboring taps; 1 means adjacent taps.
  public let dilation: Int
  /// Padding before position 0.
  public let before: Int
  /// Padding after the last position; a window may reach beyond it if their number is rounded up.
  public let after: Int
  /// The number of windows.
  public let output: Int

  /// The number of positions that a window spans, dilation included.
  public var extent: Int { (kernel - 1) * dilation + 1 }

  /// Validates the sizes and computes padding and output size.
  ///
  /// - Parameters:
  ///   - name: `height` or `width`, for messages.
  ///   - roundsUp: whether the number of windows is rounded up.
  init(
    name: String, input: Int, kernel: Int, stride: Int, dilation: Int, padding: Padding, isHeight: Bool,
    roundsUp: Bool
  ) throws(ShapeError) {
    try ShapeError.requirePositive(input, "the image's \(name)")
    try ShapeError.requirePositive(kernel, "the kernel's \(name)")
    try ShapeError.requirePositive(stride, "the stride's \(name)")
    try ShapeError.requirePositive(dilation, "the dilation's \(name)")
    let extent = (kernel - 1) * dilation + 1
    try ShapeError.requirePositive(extent, "the \(name) that the dilated kernel spans")

    switch padding {
    case .valid:
      (before, after) = (0, 0)
    case .same, .sameLower:
      let windows = (input + stride - 1) / stride
      let total = max((windows - 1) * stride + extent - input, 0)
      let (less, more) = (total / 2, total - total / 2)
      (before, after) = padding == .same ? (less, more) : (more, less)
    case .sameExtent:
      let each = ((input - 1) * stride + extent - input + 1) / 2
      (before, after) = (each, each)
    case .explicit(let top, let bottom, let left, let right):
      (before, after) = isHeight ? (top, bottom) : (left, right)
    }
    try ShapeError.requireNonNegative(before, "the padding \(isHeight ? "at the top" : "on the left")")
    try ShapeError.requireNonNegative(after, "the padding \(isHeight ? "at the bottom" : "on the right")")

    let padded = before + input + after
    // The last origin of a window, or with rounding the last place that needs one.
    let lastOrigin = padded - extent + (roundsUp ? stride - 1 : 0)
    guard lastOrigin >= 0 else {
      throw .windowTooLarge(axis: name, extent: extent, paddedInput: padded)
    }
    (self.input, self.kernel, self.stride, self.dilation) = (input, kernel, stride, dilation)
    let last = lastOrigin / stride
    output = roundsUp && last * stride >= before + input ? last : last + 1
    try ShapeError.requirePositive(output, "the output's \(name)")
  }

  /// Creates an axis derived from a validated one; its padding may be negative (a crop).
  package init(input: Int, kernel: Int, stride: Int, dilation: Int, before: Int, output: Int) {
    (self.input, self.kernel, self.stride, self.dilation) = (input, kernel, stride, dilation)
    (self.before, self.output) = (before, output)
    after = (output - 1) * stride + (kernel - 1) * dilation + 1 - input - before
  }

  /// Returns the taps of window `position` that lie inside the image.
  package func tapsInsideImage(ofWindow position: Int) -> Range<Int> {
    let origin = position * stride - before
    let first = origin >= 0 ? 0 : (-origin + dilation - 1) / dilation
    let end = input > origin ? min(kernel, (input - 1 - origin) / dilation + 1) : 0
    return min(first, kernel)..<max(end, min(first, kernel))
  }

  /// Whether some window covers only padding.
  var hasWindowInPadding: Bool {
    // Taps that are farther apart than the image is long may miss it on both sides.
    dilation > input
      ? (0..<output).contains { tapsInsideImage(ofWindow: $0).isEmpty }
      : tapsInsideImage(ofWindow: 0).isEmpty || tapsInsideImage(ofWindow: output - 1).isEmpty
  }
}

/// The positions of a window that slides over the height and width of an image.
///
/// Convolution and pooling take their output sizes and paddings from it.
public struct WindowGeometry: Sendable, Hashable {
  /// The geometry of the rows.
  public let height: AxisGeometry
  /// The geometry of the columns.
  public let width: AxisGeometry

  /// Validates the sizes and computes padding and output size of both axes.
  ///
  /// - Parameters:
  ///   - input: the size of the image.
  ///   - kernel: the number of taps in each direction.
  ///   - stride: the distance between windows.
  ///   - dilation: the distance between taps; 1 means adjacent taps.
  ///   - padding: the rule that pads the image.
  ///   - roundsUp: whether the number of windows is rounded up, so that the last ones may reach beyond the
  ///     padding.
  /// - Throws: ``ShapeError`` with the numbers if a size is out of range or the window does not fit.
  public init(
    input: Size2D, kernel: Size2D, stride: Size2D = 1, dilation: Size2D = 1, padding: Padding = .valid,
    roundsUp: Bool = false
  ) throws(ShapeError) {
    height = try AxisGeometry(
      name: "height", input: input.height, kernel: kernel.height, stride: stride.height,
      dilation: dilation.height, padding: padding, isHeight: true, roundsUp: roundsUp)
    width = try AxisGeometry(
      name: "width", input: input.width, kernel: kernel.width, stride: stride.width,
      dilation: dilation.width, padding: padding, isHeight: false, roundsUp: roundsUp)
  }

  package init(height: AxisGeometry, width: AxisGeometry) {
    (self.height, self.width) = (height, width)
  }

  /// The size of the output.
  public var output: Size2D { Size2D(height: height.output, width: width.output) }

  /// The number of taps of a window.
  public var taps: Int { height.kernel * width.kernel }

  /// Throws an error if a window covers only padding, for which pooling is undefined.
  ///
  /// - Throws: ``ShapeError/windowInPadding(axis:extent:input:before:after:)`` with the axis.
  public func requireImageInEveryWindow() throws(ShapeError) {
    for (name, axis) in [("height", height), ("width", width)] where axis.hasWindowInPadding {
      throw .windowInPadding(
        axis: name, extent: axis.extent, input: axis.input, before: axis.before, after: axis.after)
    }
  }
}
