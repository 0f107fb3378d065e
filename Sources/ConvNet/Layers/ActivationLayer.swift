import Im2col

/// An activation: elementwise, or softmax along the last axis.
public struct ActivationLayer: Layer {
  /// `activation`.
  public static let typeName = "activation"

  /// The activation function.
  public var activation: Activation

  /// Creates a layer.
  public init(activation: Activation) { self.activation = activation }

  /// The shape of the input, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    try activation.validate()
    return LayerPlan(
      outputShape: input,
      makeOpDescriptors: { [activation] _ in [ActivationDescriptor(activation: activation, shape: input)] })
  }
}
