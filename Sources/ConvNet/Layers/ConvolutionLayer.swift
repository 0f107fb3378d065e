import Im2col

/// A convolution over `[height, width, channels]`, followed by a bias and an activation.
public struct ConvolutionLayer: Layer {
  /// `convolution`.
  public static let typeName = "convolution"

  /// The number of output channels.
  public var filters: Int
  /// The height and width of the kernel.
  public var kernel: Size2D
  /// The distance between windows, in pixels.
  public var stride: Size2D
  /// The distance between taps, in pixels.
  public var dilation: Size2D
  /// The number of groups of channels that are convolved separately.
  public var groups: Int
  /// The padding rule.
  public var padding: Padding
  /// The activation, applied after the bias.
  public var activation: Activation
  /// Whether there is a bias.
  public var useBias = true
  /// The initializer of the kernel.
  public var initializer: Initializer
  /// The initializer of the bias.
  public var biasInitializer: Initializer

  /// Creates a layer; see `Block.convolution`.
  public init(
    filters: Int, kernel: Size2D, stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
    padding: Padding = .valid, activation: Activation = .identity, useBias: Bool = true,
    initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    (self.filters, self.kernel, self.stride, self.dilation) = (filters, kernel, stride, dilation)
    (self.groups, self.padding, self.activation, self.useBias) = (groups, padding, activation, useBias)
    (self.initializer, self.biasInitializer) = (initializer, biasInitializer)
  }

  /// `conv`.
  public var kindName: String { "conv" }

  /// `[height, width, filters]`, with a kernel `[height, width, inChannels / groups, filters]` and a bias
  /// `[filters]`.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireImageInput(inputs)
    try ShapeError.requirePositive(groups, "the number of groups")
    guard input[2] % groups == 0 else {
      throw .groups("input channels", channels: input[2], groups: groups)
    }
    let geometry = try ConvolutionGeometry(
      input: [1] + input, kernel: [kernel.height, kernel.width, input[2] / groups, filters],
      stride: stride, dilation: dilation, groups: groups, padding: padding)
    let fanOut = geometry.window.taps * filters
    try initializer.validate()
    try biasInitializer.validate()
    try activation.validate()
    let output = Array(geometry.outputShape.dropFirst())
    let bias = LayerParameter(
      "bias", shape: [filters], initializer: biasInitializer, fanIn: geometry.patchLength, fanOut: fanOut)
    return LayerPlan(
      outputShape: output,
      parameters: [
        LayerParameter(
          "kernel", shape: geometry.kernelShape, initializer: initializer, fanIn: geometry.patchLength,
          fanOut: fanOut)
      ] + (useBias ? [bias] : []),
      forwardFLOPs: geometry.forwardFLOPs,
      makeOpDescriptors: { [activation] position in
        [
          ConvolutionDescriptor(
            geometry: geometry, kernelStart: position.parameters[0],
            biasStart: position.parameters.dropFirst().first),
          ActivationDescriptor(activation: activation, shape: output),
        ]
      })
  }
}

extension ConvolutionLayer {
  private enum CodingKeys: String, CodingKey {
    case filters, kernel, stride, dilation, groups, padding, activation, useBias, initializer, biasInitializer
  }

  /// Decodes a layer; without the keys, the bias exists and is initialized with zeros.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    filters = try values.decode(Int.self, forKey: .filters)
    kernel = try values.decode(Size2D.self, forKey: .kernel)
    stride = try values.decode(Size2D.self, forKey: .stride)
    dilation = try values.decode(Size2D.self, forKey: .dilation)
    groups = try values.decode(Int.self, forKey: .groups)
    padding = try values.decode(Padding.self, forKey: .padding)
    activation = try values.decode(Activation.self, forKey: .activation)
    useBias = try values.decodeIfPresent(Bool.self, forKey: .useBias) ?? true
    initializer = try values.decode(Initializer.self, forKey: .initializer)
    biasInitializer = try values.decodeIfPresent(Initializer.self, forKey: .biasInitializer) ?? .zeros
  }

  /// Encodes a layer; `useBias` is written only if it is false, so that other layers are readable by 0.1.0.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(filters, forKey: .filters)
    try values.encode(kernel, forKey: .kernel)
    try values.encode(stride, forKey: .stride)
    try values.encode(dilation, forKey: .dilation)
    try values.encode(groups, forKey: .groups)
    try values.encode(padding, forKey: .padding)
    try values.encode(activation, forKey: .activation)
    if !useBias { try values.encode(useBias, forKey: .useBias) }
    try values.encode(initializer, forKey: .initializer)
    try values.encode(biasInitializer, forKey: .biasInitializer)
  }
}
