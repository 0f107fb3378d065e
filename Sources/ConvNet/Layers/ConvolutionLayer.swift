import Im2col

/// Convolution, bias, activation.
public struct ConvolutionLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// Output channels.
  public var filters: Int
  /// Rows and columns of the kernel.
  public var kernel: Size2D
  /// Steps between windows.
  public var stride: Size2D
  /// Steps between taps.
  public var dilation: Size2D
  /// Slices of the channels that do not see each other.
  public var groups: Int
  /// One of the four rules.
  public var padding: Padding
  /// Applied behind the bias.
  public var activation: Activation
  /// How the kernel starts.
  public var initializer: Initializer
  /// How the bias starts.
  public var biasInitializer: Initializer

  package var kindName: String { "conv" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
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
      ops: { [activation] place in
        [
          ConvolutionDescriptor(
            geometry: geometry, kernelStart: place.firstParameter,
            biasStart: place.firstParameter + geometry.kernelCount),
          ActivationDescriptor(activation: activation, shape: Array(geometry.outputShape.dropFirst())),
        ]
      })
  }
}

extension ConvolutionLayer {
  /// Reads a layer; one that was written before biases had an initializer of their own starts them at zero.
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
