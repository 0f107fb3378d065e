import Im2col

/// A convolution over `[height, width, channels]`, followed by a bias and an activation.
public struct ConvolutionLayer: Sendable, Hashable, Codable, LayerDefinition {
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
  /// The initializer of the kernel.
  public var initializer: Initializer
  /// The initializer of the bias.
  public var biasInitializer: Initializer

  package var kindName: String { "conv" }

  package func plan(for input: [Int]) throws(ShapeError) -> LayerPlan {
    guard input.count == 3 else {
      throw .rank("the input of a convolution layer", axes: ["height", "width", "channels"], actual: input)
    }
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
    return LayerPlan(
      output: Array(geometry.outputShape.dropFirst()),
      parameters: [
        ParameterPlan(
          role: "kernel", shape: geometry.kernelShape, initializer: initializer,
          fanIn: geometry.patchLength, fanOut: fanOut),
        ParameterPlan(
          role: "bias", shape: [filters], initializer: biasInitializer, fanIn: geometry.patchLength,
          fanOut: fanOut),
      ],
      forwardFLOPs: geometry.forwardFLOPs,
      makeOpDescriptors: { [activation] position in
        [
          ConvolutionDescriptor(
            geometry: geometry, kernelStart: position.firstParameter,
            biasStart: position.firstParameter + geometry.kernelCount),
          ActivationDescriptor(activation: activation, shape: Array(geometry.outputShape.dropFirst())),
        ]
      })
  }
}

extension ConvolutionLayer {
  /// Decodes a layer; `biasInitializer` is zeros if the file does not contain it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    filters = try values.decode(Int.self, forKey: .filters)
    kernel = try values.decode(Size2D.self, forKey: .kernel)
    stride = try values.decode(Size2D.self, forKey: .stride)
    dilation = try values.decode(Size2D.self, forKey: .dilation)
    groups = try values.decode(Int.self, forKey: .groups)
    padding = try values.decode(Padding.self, forKey: .padding)
    activation = try values.decode(Activation.self, forKey: .activation)
    initializer = try values.decode(Initializer.self, forKey: .initializer)
    biasInitializer = try values.decodeIfPresent(Initializer.self, forKey: .biasInitializer) ?? .zeros
  }
}
