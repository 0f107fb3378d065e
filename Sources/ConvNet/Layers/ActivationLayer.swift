import Im2col

/// A function of every number; softmax: of every row along the last axis.
public struct ActivationLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// The function.
  public var activation: Activation

  package var kindName: String { "activation" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
    LayerPlan(
      output: input,
      ops: { [activation] _ in [ActivationDescriptor(activation: activation, shape: input)] })
  }
}
