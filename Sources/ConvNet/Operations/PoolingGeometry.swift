import CKernels
import Im2col

/// What pooling takes from a window.
public enum PoolingMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// The largest number; NaN if there is one.
  case max
  /// The mean of the pixels that the window covers; padding is not counted.
  case average
}

/// Which of several equal maxima gets the gradient.
public enum PoolingTies: String, Sendable, Hashable, CaseIterable, Codable {
  /// The first in row-major order, as TensorFlow and PyTorch have it.
  case first
  /// Every one, each the whole gradient.
  case all
}

/// The sizes of one pooling, validated when it is made.
public struct PoolingGeometry: Sendable, Hashable {
  /// Images; may be zero.
  public let batch: Int
  /// Rows and columns.
  public let window: WindowGeometry
  /// Channels; each is pooled on its own.
  public let channels: Int

  /// Validates shapes and settings and computes the output's shape.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, channels]`.
  ///   - window: rows and columns of a window.
  ///   - stride: steps between windows.
  ///   - padding: one of the four rules.
  /// - Throws: `ShapeError` with the numbers that clash, also where a window sees nothing but padding.
  public init(input: [Int], window: Size2D, stride: Size2D, padding: Padding = .valid) throws(ShapeError) {
    guard input.count == 4 else {
      throw .rank("the input", axes: ["batch", "height", "width", "channels"], actual: input)
    }
    try ShapeError.requireNonNegative(input[0], "the batch")
    try ShapeError.requirePositive(input[3], "the number of channels")
    (batch, channels) = (input[0], input[3])
    self.window = try WindowGeometry(
      input: Size2D(height: input[1], width: input[2]), kernel: window, stride: stride, padding: padding)
    try self.window.requireImageInEveryWindow()
    _ = try ShapeError.elementCount(of: input, named: "input")
    _ = try ShapeError.elementCount(of: outputShape, named: "output")
  }

  /// A geometry that follows from a validated one.
  package init(batch: Int, window: WindowGeometry, channels: Int) {
    (self.batch, self.window, self.channels) = (batch, window, channels)
  }

  /// `[batch, height, width, channels]`.
  public var inputShape: [Int] { [batch, window.height.input, window.width.input, channels] }
  /// `[batch, height, width, channels]`.
  public var outputShape: [Int] { [batch, window.height.output, window.width.output, channels] }

  /// Scalars in one image of the input.
  package var inputPerImage: Int { window.height.input * window.width.input * channels }
  /// Scalars in one image of the output.
  package var outputPerImage: Int { window.height.output * window.width.output * channels }

  /// The same numbers as the C kernels want them.
  package func kernelPooling(images: Int) -> ckernels_pooling {
    ckernels_pooling(
      images: Int64(images), channels: Int64(channels),
      input_height: Int64(window.height.input), input_width: Int64(window.width.input),
      output_height: Int64(window.height.output), output_width: Int64(window.width.output),
      window_height: Int64(window.height.kernel), window_width: Int64(window.width.kernel),
      stride_height: Int64(window.height.stride), stride_width: Int64(window.width.stride),
      pad_top: Int64(window.height.before), pad_left: Int64(window.width.before))
  }
}
