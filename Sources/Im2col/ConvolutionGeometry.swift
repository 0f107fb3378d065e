import CKernels

/// The validated sizes of one convolution.
///
/// Operations take a geometry instead of checking shapes again.
///
/// A convolution here is a cross-correlation, as in every neural network library:
///
///     output[b, i, j, o] = bias[o] + sum over u, v, c of
///         input[b, i * stride - top + u * dilation, j * stride - left + v * dilation, c] * kernel[u, v, c, o]
///
/// where `c` runs over the input channels of the group of `o`, and the image is zero outside its border.
/// As a matrix product, each group has `pixels` rows, sums of `patchLength` terms, and
/// `outputChannels / groups` columns.
public struct ConvolutionGeometry: Sendable, Hashable {
  /// The number of images; may be zero.
  public let batch: Int
  /// The sizes along height and width: image, kernel, stride, dilation, padding, output.
  public let window: WindowGeometry
  /// The number of input channels.
  public let inputChannels: Int
  /// The number of output channels.
  public let outputChannels: Int
  /// The number of independent groups of channels; `inputChannels` in a depthwise convolution.
  public let groups: Int

  /// Validates shapes and settings, and computes the shape of the output.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - stride: the distance between windows.
  ///   - dilation: the distance between taps; 1 means adjacent taps.
  ///   - groups: the number of independent groups of channels.
  ///   - padding: the rule that pads the image.
  /// - Throws: ``ShapeError`` with the conflicting numbers.
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

    // Every product of sizes that the engine computes later is checked once, here. An empty batch counts as
    // one image, because sizes per image are computed for it too.
    let images = max(batch, 1)
    _ = try ShapeError.elementCount(of: [images] + inputShape.dropFirst(), named: "input")
    _ = try ShapeError.elementCount(of: kernelShape, named: "kernel")
    _ = try ShapeError.elementCount(of: [images] + outputShape.dropFirst(), named: "output")
    try ShapeError.requirePositive(patchLength, "the patch length")
    _ = try ShapeError.elementCount(
      of: [images, window.height.output, window.width.output, groups, patchLength], named: "column matrix",
      isStored: false)
  }

  /// Creates a geometry derived from a validated one.
  package init(batch: Int, window: WindowGeometry, inputChannels: Int, outputChannels: Int, groups: Int) {
    (self.batch, self.window, self.groups) = (batch, window, groups)
    (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
  }

  /// Returns the same layer with a different number of images.
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

  /// The shape of the column matrix, `[pixels, groups * patchLength]`.
  public var columnsShape: [Int] { [pixels, groups * patchLength] }

  /// Input channels that one output channel reads.
  public var groupInputChannels: Int { inputChannels / groups }
  /// Output channels of one group.
  public var groupOutputChannels: Int { outputChannels / groups }
  /// The number of terms of one output: the *K* of the matrix product.
  public var patchLength: Int { window.taps * groupInputChannels }
  /// Output pixels of one image.
  public var pixelsPerImage: Int { window.height.output * window.width.output }
  /// Output pixels of the batch: the rows of the column matrix.
  public var pixels: Int { batch * pixelsPerImage }
  /// The number of scalars of the input.
  public var inputCount: Int { batch * window.height.input * window.width.input * inputChannels }
  /// The number of scalars of the kernel.
  public var kernelCount: Int { patchLength * outputChannels }
  /// The number of scalars of the output.
  public var outputCount: Int { pixels * outputChannels }

  /// Multiplications and additions of the forward pass: `2 * pixels * patchLength * outputChannels`.
  ///
  /// A Double, because it is used only for rates.
  public var forwardFLOPs: Double { 2 * Double(pixels) * Double(patchLength) * Double(outputChannels) }

  /// Whether the kernel is 1x1 at stride 1 without padding, so that the input is its own column matrix.
  public var isPointwise: Bool {
    [window.height, window.width].allSatisfy {
      $0.kernel == 1 && $0.stride == 1 && $0.before == 0 && $0.after == 0
    }
  }

  /// Whether every input channel is a group of its own, and there is more than one.
  public var isDepthwise: Bool { groups == inputChannels && groups > 1 }
}

extension ConvolutionGeometry {
  /// The window as an argument of the C kernels.
  var kernelWindow: ckernels_window {
    let (height, width) = (window.height, window.width)
    return ckernels_window(
      input_height: Int64(height.input), input_width: Int64(width.input),
      input_channels: Int64(inputChannels), kernel_height: Int64(height.kernel),
      kernel_width: Int64(width.kernel),
      stride_height: Int64(height.stride), stride_width: Int64(width.stride),
      dilation_height: Int64(height.dilation), dilation_width: Int64(width.dilation),
      pad_top: Int64(height.before), pad_left: Int64(width.before),
      output_height: Int64(height.output), output_width: Int64(width.output))
  }
}
