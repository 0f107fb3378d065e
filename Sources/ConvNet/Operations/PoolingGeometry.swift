import CKernels
import Im2col

/// The reduction of a pooling window.
public enum PoolingMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// The maximum; NaN if the window contains NaN.
  case max
  /// The average of the covered pixels; padding is not counted unless `countsPadding` says so.
  case average
}

/// Which of several equal maxima receive the gradient.
public enum PoolingTies: String, Sendable, Hashable, CaseIterable, Codable {
  /// The first one in row-major order, as in TensorFlow and PyTorch.
  case first
  /// All of them; each receives the whole gradient.
  case all
}

/// The validated sizes of a pooling operation.
public struct PoolingGeometry: Sendable, Hashable {
  /// The number of images; may be 0.
  public let batch: Int
  /// The vertical and horizontal geometry of the windows.
  public let window: WindowGeometry
  /// The number of channels; each is pooled separately.
  public let channels: Int
  /// Whether an average counts the padding, as zeros.
  public let countsPadding: Bool

  /// Validates shapes and settings and computes the output shape.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, channels]`.
  ///   - window: the height and width of a window.
  ///   - stride: the distance between windows, in pixels.
  ///   - dilation: the distance between the pixels of a window; 1 means adjacent pixels.
  ///   - padding: the padding rule.
  ///   - roundsUp: whether the number of windows is rounded up; see `AxisGeometry`.
  ///   - countsPadding: whether an average counts the padding.
  /// - Throws: `ShapeError` when a size is out of range, or a window does not fit or covers only padding.
  public init(
    input: [Int], window: Size2D, stride: Size2D, dilation: Size2D = 1, padding: Padding = .valid,
    roundsUp: Bool = false, countsPadding: Bool = false
  ) throws(ShapeError) {
    guard input.count == 4 else {
      throw .rank("the input", axes: ["batch", "height", "width", "channels"], actual: input)
    }
    try ShapeError.requireNonNegative(input[0], "the batch")
    try ShapeError.requirePositive(input[3], "the number of channels")
    (batch, channels, self.countsPadding) = (input[0], input[3], countsPadding)
    self.window = try WindowGeometry(
      input: Size2D(height: input[1], width: input[2]), kernel: window, stride: stride,
      dilation: dilation, padding: padding, roundsUp: roundsUp)
    try self.window.requireImageInEveryWindow()
    _ = try ShapeError.elementCount(of: input, named: "input")
    _ = try ShapeError.elementCount(of: outputShape, named: "output")
  }

  /// Creates a geometry derived from a validated one.
  package init(batch: Int, window: WindowGeometry, channels: Int, countsPadding: Bool = false) {
    (self.batch, self.window, self.channels, self.countsPadding) = (batch, window, channels, countsPadding)
  }

  /// `[batch, height, width, channels]`.
  public var inputShape: [Int] { [batch, window.height.input, window.width.input, channels] }
  /// `[batch, height, width, channels]`.
  public var outputShape: [Int] { [batch, window.height.output, window.width.output, channels] }

  /// The number of scalars in one input image.
  package var inputPerImage: Int { window.height.input * window.width.input * channels }
  /// The number of scalars in one output image.
  package var outputPerImage: Int { window.height.output * window.width.output * channels }

  /// The geometry for the C kernels.
  package func kernelPooling(images: Int) -> ckernels_pooling {
    window.kernelPooling(images: images, channels: channels, countsPadding: countsPadding)
  }
}
