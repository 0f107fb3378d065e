import Im2col

/// A dense (fully connected) layer over `[features]`, followed by an activation.
public struct DenseLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// The number of output features.
  public var units: Int
  /// The activation, applied after the bias.
  public var activation: Activation
  /// The initializer of the kernel.
  public var initializer: Initializer
  /// The initializer of the bias.
  public var biasInitializer: Initializer

  package var kindName: String { "dense" }

  package func plan(for input: [Int]) throws(ShapeError) -> LayerPlan {
    guard input.count == 1 else {
      throw .rank(
        "the input of a dense layer (insert .flatten before it)", axes: ["features"], actual: input)
    }
    try ShapeError.requirePositive(units, "the number of units")
    try ShapeError.requirePositive(input[0], "the number of input features")
    let (inputs, units) = (input[0], units)
    let kernelCount = try ShapeError.elementCount(of: [inputs, units], named: "dense kernel")
    try initializer.validate()
    try biasInitializer.validate()
    return LayerPlan(
      output: [units],
      parameters: [
        ParameterPlan(
          role: "kernel", shape: [inputs, units], initializer: initializer, fanIn: inputs, fanOut: units),
        ParameterPlan(
          role: "bias", shape: [units], initializer: biasInitializer, fanIn: inputs, fanOut: units),
      ],
      forwardFLOPs: 2 * Double(inputs) * Double(units),
      makeOpDescriptors: { [activation] position in
        [
          DenseDescriptor(
            inputs: inputs, units: units, kernelStart: position.firstParameter,
            biasStart: position.firstParameter + kernelCount),
          ActivationDescriptor(activation: activation, shape: [units]),
        ]
      })
  }
}

extension DenseLayer {
  /// Decodes a layer; `biasInitializer` is zeros if the file does not contain it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    units = try values.decode(Int.self, forKey: .units)
    activation = try values.decode(Activation.self, forKey: .activation)
    initializer = try values.decode(Initializer.self, forKey: .initializer)
    biasInitializer = try values.decodeIfPresent(Initializer.self, forKey: .biasInitializer) ?? .zeros
  }
}
