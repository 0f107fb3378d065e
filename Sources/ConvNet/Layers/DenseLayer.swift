import Im2col

/// Matrix product, bias, activation.
public struct DenseLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// Output features.
  public var units: Int
  /// Applied behind the bias.
  public var activation: Activation
  /// How the kernel starts.
  public var initializer: Initializer
  /// How the bias starts.
  public var biasInitializer: Initializer

  package var kindName: String { "dense" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
    guard input.count == 1 else {
      throw .rank(
        "the input of a dense layer (put .flatten in front of it)", axes: ["features"], actual: input)
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
      ops: { [activation] place in
        [
          DenseDescriptor(
            inputs: inputs, units: units, kernelStart: place.firstParameter,
            biasStart: place.firstParameter + kernelCount),
          ActivationDescriptor(activation: activation, shape: [units]),
        ]
      })
  }
}

extension DenseLayer {
  /// Reads a layer; one that was written before biases had an initializer of their own starts them at zero.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    units = try values.decode(Int.self, forKey: .units)
    activation = try values.decode(Activation.self, forKey: .activation)
    initializer = try values.decode(Initializer.self, forKey: .initializer)
    biasInitializer = try values.decodeIfPresent(Initializer.self, forKey: .biasInitializer) ?? .zeros
  }
}
