import Im2col

/// A dense (fully connected) layer over `[features]`, followed by an activation.
public struct DenseLayer: Layer {
  /// `dense`.
  public static let typeName = "dense"

  /// The number of output features.
  public var units: Int
  /// The activation, applied after the bias.
  public var activation: Activation
  /// Whether there is a bias.
  public var useBias = true
  /// The initializer of the kernel.
  public var initializer: Initializer
  /// The initializer of the bias.
  public var biasInitializer: Initializer

  /// Creates a layer; see `Block.dense`.
  public init(
    units: Int, activation: Activation = .identity, useBias: Bool = true,
    initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    (self.units, self.activation, self.useBias) = (units, activation, useBias)
    (self.initializer, self.biasInitializer) = (initializer, biasInitializer)
  }

  /// `[units]`, with a kernel `[inputs, units]` and a bias `[units]`.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    guard input.count == 1 else {
      throw .rank(
        "the input of a dense layer (insert .flatten before it)", axes: ["features"], actual: input)
    }
    try ShapeError.requirePositive(units, "the number of units")
    try ShapeError.requirePositive(input[0], "the number of input features")
    let (inputs, units) = (input[0], units)
    _ = try ShapeError.elementCount(of: [inputs, units], named: "dense kernel")
    try initializer.validate()
    try biasInitializer.validate()
    try activation.validate()
    let bias = LayerParameter(
      "bias", shape: [units], initializer: biasInitializer, fanIn: inputs, fanOut: units)
    return LayerPlan(
      outputShape: [units],
      parameters: [
        LayerParameter(
          "kernel", shape: [inputs, units], initializer: initializer, fanIn: inputs, fanOut: units)
      ] + (useBias ? [bias] : []),
      forwardFLOPs: 2 * Double(inputs) * Double(units),
      makeOpDescriptors: { [activation] position in
        [
          DenseDescriptor(
            inputs: inputs, units: units, kernelStart: position.parameters[0],
            biasStart: position.parameters.dropFirst().first),
          ActivationDescriptor(activation: activation, shape: [units]),
        ]
      })
  }
}

extension DenseLayer {
  private enum CodingKeys: String, CodingKey {
    case units, activation, useBias, initializer, biasInitializer
  }

  /// Decodes a layer; without the keys, the bias exists and is initialized with zeros.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    units = try values.decode(Int.self, forKey: .units)
    activation = try values.decode(Activation.self, forKey: .activation)
    useBias = try values.decodeIfPresent(Bool.self, forKey: .useBias) ?? true
    initializer = try values.decode(Initializer.self, forKey: .initializer)
    biasInitializer = try values.decodeIfPresent(Initializer.self, forKey: .biasInitializer) ?? .zeros
  }

  /// Encodes a layer; `useBias` is written only if it is false, so that other layers are readable by 0.1.0.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(units, forKey: .units)
    try values.encode(activation, forKey: .activation)
    if !useBias { try values.encode(useBias, forKey: .useBias) }
    try values.encode(initializer, forKey: .initializer)
    try values.encode(biasInitializer, forKey: .biasInitializer)
  }
}
