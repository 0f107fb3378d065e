import Im2col

/// An activation: elementwise, or softmax along the last axis.
public struct ActivationLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// The activation function.
  public var activation: Activation

  package var kindName: String { "activation" }

  package func plan(for input: [Int]) throws(ShapeError) -> LayerPlan {
    LayerPlan(
      output: input,
      makeOpDescriptors: { [activation] _ in [ActivationDescriptor(activation: activation, shape: input)] })
  }
}
