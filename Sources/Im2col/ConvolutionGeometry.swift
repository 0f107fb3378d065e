import CKernels

/// The sizes of one convolution, validated when it is made: every operation takes
/// this instead of checking shapes again.
///
/// A convolution here is a cross-correlation, as in every neural network library:
///
///     output[b, i, j, o] = bias[o] + sum over u, v, c of
///         input[b, i * stride - top + u * dilation, j * stride - left + v * dilation, c] * kernel[u, v, c, o]
///
/// with `c` running over the input channels of `o`'s group, and zeros outside the image.
/// As a matrix product it has `pixels` rows, `patchLength` terms a sum, and
/// `outputChannels / groups` columns, once a group.
public struct ConvolutionGeometry: Sendable, Hashable {
  /// Images; may be zero.
  public let batch: Int
  /// Rows and columns: image, kernel, stride, dilation, padding, output.
  public let window: WindowGeometry
  /// Channels of the input.
  public let inputChannels: Int
  /// Channels of the output.
  public let outputChannels: Int
  /// Independent slices of the channels; equal to `inputChannels` in a depthwise convolution.
  public let groups: Int

  /// Validates shapes and settings and computes the output's shape.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - stride: steps between windows.
  ///   - dilation: steps between taps; 1 is a dense kernel.
  ///   - groups: slices of the channels that do not see each other.
  ///   - padding: one of the four rules.
  /// - Throws: `ShapeError` with the numbers that clash.
  public init(
    input: [Int], kernel: [Int], stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
    padding: Padding = .same
  ) throws(ShapeError) {
    guard input.count == 4 else {
      throw .rank("the input", axes: ["batch", "height", "width", "channels"], actual: input)
    }
    guard kernel.count == 4 else {
      throw .rank(
        "the kernel", axes: ["height", "width", "input channels / groups", "output channels"], actual: kernel)
    }
    try ShapeError.requireNonNegative(input[0], "the batch")
    try ShapeError.requirePositive(input[3], "the number of input channels")
    try ShapeError.requirePositive(kernel[3], "the number of output channels")
    try ShapeError.requirePositive(groups, "the number of groups")
    guard input[3] % groups == 0 else {
      throw .groups("input channels", channels: input[3], groups: groups)
    }
    guard kernel[3] % groups == 0 else {
      throw .groups("output channels", channels: kernel[3], groups: groups)
    }
    try ShapeError.require(
      kernel, equals: [kernel[0], kernel[1], input[3] / groups, kernel[3]],
      "the kernel (\(input[3]) input channels in \(groups) groups)")
    window = try WindowGeometry(
      input: Size2D(height: input[1], width: input[2]), kernel: Size2D(height: kernel[0], width: kernel[1]),
      stride: stride, dilation: dilation, padding: padding)
    (batch, inputChannels, outputChannels, self.groups) = (input[0], input[3], kernel[3], groups)

    // Every count that the engine multiplies out later has to fit, so it is tried here once. An empty
    // batch counts as one image: sizes of an image are multiplied out for it too.
    let images = max(batch, 1)
    _ = try ShapeError.elementCount(of: [images] + inputShape.dropFirst(), named: "input")
    _ = try ShapeError.elementCount(of: kernelShape, named: "kernel")
    _ = try ShapeError.elementCount(of: [images] + outputShape.dropFirst(), named: "output")
    try ShapeError.requirePositive(patchLength, "the length of a column")
    _ = try ShapeError.elementCount(
      of: [images, window.height.output, window.width.output, groups, patchLength], named: "column matrix",
      isStored: false)
  }

  /// A geometry that follows from a validated one.
  package init(batch: Int, window: WindowGeometry, inputChannels: Int, outputChannels: Int, groups: Int) {
    (self.batch, self.window, self.groups) = (batch, window, groups)
    (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
  }

  /// The same layer over another number of images.
  package func withBatch(_ batch: Int) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: batch, window: window, inputChannels: inputChannels, outputChannels: outputChannels,
      groups: groups)
  }

  /// `[batch, height, width, inputChannels]`.
  public var inputShape: [Int] { [batch, window.height.input, window.width.input, inputChannels] }
  /// `[height, width, inputChannels / groups, outputChannels]`.
  public var kernelShape: [Int] {
    [window.height.kernel, window.width.kernel, groupInputChannels, outputChannels]
  }
  /// `[batch, height, width, outputChannels]`.
  public var outputShape: [Int] { [batch, window.height.output, window.width.output, outputChannels] }

  /// `[pixels, groups * patchLength]`.
  public var columnsShape: [Int] { [pixels, groups * patchLength] }

  /// Input channels that one output channel sees.
  public var groupInputChannels: Int { inputChannels / groups }
  /// Output channels of one group.
  public var groupOutputChannels: Int { outputChannels / groups }
  /// Terms in the sum that makes one output: the *K* of the matrix product.
  public var patchLength: Int { window.taps * groupInputChannels }
  /// Output pixels of one image.
  public var pixelsPerImage: Int { window.height.output * window.width.output }
  /// Output pixels of the batch: the rows of the column matrix.
  public var pixels: Int { batch * pixelsPerImage }
  /// Scalars in the input.
  public var inputCount: Int { batch * window.height.input * window.width.input * inputChannels }
  /// Scalars in the kernel.
  public var kernelCount: Int { patchLength * outputChannels }
  /// Scalars in the output.
  public var outputCount: Int { pixels * outputChannels }

  /// Multiplications and additions of the forward pass: `2 * pixels * patchLength * outputChannels`,
  /// in Double because only rates are made of it.
  public var forwardFLOPs: Double { 2 * Double(pixels) * Double(patchLength) * Double(outputChannels) }

  /// Whether a window is one pixel and windows and pixels coincide, so that the input
  /// already is its own column matrix.
  public var isPointwise: Bool {
    [window.height, window.width].allSatisfy {
      $0.kernel == 1 && $0.stride == 1 && $0.before == 0 && $0.after == 0
    }
  }

  /// Whether every channel is convolved on its own.
  public var isDepthwise: Bool { groups == inputChannels && groups > 1 }
}

extension ConvolutionGeometry {
  /// The window as the C kernels take it.
  var kernelWindow: ckernels_window {
    let (height, width) = (window.height, window.width)
    return ckernels_window(
      input_height: Int64(height.input), input_width: Int64(width.input),
      input_channels: Int64(inputChannels), kernel_width: Int64(width.kernel),
      stride_height: Int64(height.stride), stride_width: Int64(width.stride),
      dilation_height: Int64(height.dilation), dilation_width: Int64(width.dilation),
      pad_top: Int64(height.before), pad_left: Int64(width.before),
      output_height: Int64(height.output), output_width: Int64(width.output))
  }
}
