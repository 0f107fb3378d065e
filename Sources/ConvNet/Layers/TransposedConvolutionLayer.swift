import Im2col

/// A transposed convolution over `[height, width, channels]`, followed by a bias and an activation: the input
/// gradient of a convolution as a forward pass. It enlarges an image by its stride.
///
///     padding         output rows, with extent = (kernel - 1) * dilation + 1
///     .valid          (rows - 1) * stride + extent
///     .same           rows * stride
///     .explicit       (rows - 1) * stride + extent - top - bottom + outputPadding
///
/// The kernel is `[height, width, filters / groups, inChannels]`, as in Keras: that of the convolution whose
/// input is the output of this layer.
///
/// Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285, section 4.
public struct TransposedConvolutionLayer: Layer {
  /// `transposed_convolution`.
  public static let typeName = "transposed_convolution"

  /// The number of output channels.
  public var filters: Int
  /// The height and width of the kernel.
  public var kernel: Size2D
  /// The distance in the output between the windows of neighboring input pixels.
  public var stride: Size2D
  /// The distance between taps, in output pixels.
  public var dilation: Size2D
  /// The number of groups of channels that are convolved separately.
  public var groups: Int
  /// The padding rule of the convolution that this layer transposes; not `.sameExtent`.
  public var padding: Padding
  /// Rows and columns added at the bottom and the right with `.explicit` padding, below the stride: several
  /// sizes of an image give the same output of a strided convolution.
  public var outputPadding: Size2D
  /// The activation, applied after the bias.
  public var activation: Activation
  /// Whether there is a bias.
  public var useBias: Bool
  /// The initializer of the kernel.
  public var initializer: Initializer
  /// The initializer of the bias.
  public var biasInitializer: Initializer

  /// Creates a layer.
  public init(
    filters: Int, kernel: Size2D, stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
    padding: Padding = .valid, outputPadding: Size2D = 0, activation: Activation = .identity,
    useBias: Bool = true, initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    (self.filters, self.kernel, self.stride, self.dilation) = (filters, kernel, stride, dilation)
    (self.groups, self.padding, self.outputPadding) = (groups, padding, outputPadding)
    (self.activation, self.useBias) = (activation, useBias)
    (self.initializer, self.biasInitializer) = (initializer, biasInitializer)
  }

  /// `deconv`.
  public var kindName: String { "deconv" }

  /// `[height, width, filters]`, with a kernel `[height, width, filters / groups, inChannels]` and a bias
  /// `[filters]`.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireImageInput(inputs)
    let geometry = try geometry(input)
    try initializer.validate()
    try biasInitializer.validate()
    let output = Array(geometry.inputShape.dropFirst())
    let (fanIn, fanOut) = (
      geometry.window.taps * input[2] / groups, geometry.window.taps * filters / groups
    )
    let bias = LayerParameter(
      "bias", shape: [filters], initializer: biasInitializer, fanIn: fanIn, fanOut: fanOut)
    return LayerPlan(
      outputShape: output,
      parameters: [
        LayerParameter(
          "kernel", shape: geometry.kernelShape, initializer: initializer, fanIn: fanIn, fanOut: fanOut)
      ] + (useBias ? [bias] : []),
      forwardFLOPs: geometry.forwardFLOPs,
      makeOpDescriptors: { [activation] position in
        [
          TransposedConvolutionDescriptor(
            geometry: geometry, kernelStart: position.parameters[0],
            biasStart: position.parameters.dropFirst().first),
          ActivationDescriptor(activation: activation, shape: output),
        ]
      })
  }

  /// The convolution from the output of this layer to its input.
  private func geometry(_ input: [Int]) throws(ShapeError) -> ConvolutionGeometry {
    try ShapeError.requirePositive(groups, "the number of groups")
    try ShapeError.requirePositive(filters, "the number of filters")
    guard filters % groups == 0 else { throw .groups("output channels", channels: filters, groups: groups) }
    let output = Size2D(
      height: try outputLength("height", input[0], kernel.height, stride.height, dilation.height),
      width: try outputLength("width", input[1], kernel.width, stride.width, dilation.width))
    let geometry = try ConvolutionGeometry(
      input: [1, output.height, output.width, filters],
      kernel: [kernel.height, kernel.width, filters / groups, input[2]], stride: stride, dilation: dilation,
      groups: groups, padding: padding)
    try ShapeError.require(
      Array(geometry.outputShape.dropFirst()), equals: input,
      "the input of the convolution that a transposed convolution reverses")
    return geometry
  }

  private func outputLength(
    _ axis: String, _ length: Int, _ kernel: Int, _ stride: Int, _ dilation: Int
  ) throws(ShapeError) -> Int {
    for (name, value) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
      try ShapeError.requirePositive(value, "the \(axis) of the \(name) of a transposed convolution")
    }
    // Each factor is at most Int32.max, so neither product overflows.
    let (extent, spread) = ((kernel - 1) * dilation + 1, (length - 1) * stride)
    let extra = axis == "height" ? outputPadding.height : outputPadding.width
    switch padding {
    case .valid where extra == 0: return spread + extent
    case .same where extra == 0, .sameLower where extra == 0: return length * stride
    case .explicit(let top, let bottom, let left, let right) where (0..<stride).contains(extra):
      let pads = axis == "height" ? (top, bottom) : (left, right)
      try ShapeError.requireNonNegative(pads.0, "the padding of a transposed convolution")
      try ShapeError.requireNonNegative(pads.1, "the padding of a transposed convolution")
      return spread + extent - pads.0 - pads.1 + extra
    case .explicit:
      throw .outOfRange("the \(axis) of the output padding", value: extra, range: 0..<stride)
    default:
      throw .unsupported(
        "a transposed convolution takes the padding .valid, .same or .explicit, and an output padding only with "
          + ".explicit")
    }
  }
}

extension Block {
  /// A transposed convolution over `[height, width, channels]`, followed by a bias and an activation. See
  /// `TransposedConvolutionLayer`.
  ///
  /// - Parameters:
  ///   - filters: the number of output channels.
  ///   - kernel: the height and width of the kernel.
  ///   - stride: the factor by which the layer enlarges an image.
  ///   - dilation: the distance between taps, in output pixels.
  ///   - groups: the number of groups of channels that are convolved separately.
  ///   - padding: the padding rule of the convolution that this layer transposes.
  ///   - outputPadding: rows and columns added at the bottom and the right, with `.explicit` padding.
  ///   - activation: the activation, applied after the bias.
  ///   - useBias: whether there is a bias.
  ///   - initializer: the initializer of the kernel.
  ///   - biasInitializer: the initializer of the bias.
  ///   - name: the prefix of the parameter names.
  public static func transposedConvolution(
    filters: Int, kernel: Size2D, stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
    padding: Padding = .valid, outputPadding: Size2D = 0, activation: Activation = .identity,
    useBias: Bool = true, initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil
  ) -> Block {
    .layer(
      TransposedConvolutionLayer(
        filters: filters, kernel: kernel, stride: stride, dilation: dilation, groups: groups,
        padding: padding, outputPadding: outputPadding, activation: activation, useBias: useBias,
        initializer: initializer, biasInitializer: biasInitializer),
      name: name)
  }
}
