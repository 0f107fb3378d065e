import Im2col

/// The interface of a kind of layer for planning. Shapes are those of one image, without the batch.
package protocol LayerDefinition: Sendable {
  /// The name of the kind; unnamed layers are called `conv1`, `conv2`, ...
  var kindName: String { get }

  /// Returns the plan of the layer for an input shape.
  ///
  /// - Throws: `ShapeError` when the layer does not accept the shape.
  func plan(for input: [Int]) throws(ShapeError) -> LayerPlan
}

/// The plan of a layer for an input shape.
package struct LayerPlan: Sendable {
  /// The output shape.
  package var output: [Int]
  /// The parameter arrays in the order of model files.
  package var parameters: [ParameterPlan] = []
  /// Floating-point operations of the forward pass for one image.
  package var forwardFLOPs: Double = 0
  /// Creates the unfused ops; `NetworkPlan` fuses adjacent ops.
  package var makeOpDescriptors: @Sendable (_ position: LayerPosition) -> [any OpDescriptor] = { _ in [] }
}

/// The position of a layer in a model.
package struct LayerPosition: Sendable {
  /// The index of the layer, from 0.
  package let index: Int
  /// The offset of the layer's parameters in the flat array of all parameters.
  package let firstParameter: Int
}

/// One parameter array of a layer.
package struct ParameterPlan: Sendable {
  /// The role of the array: `kernel` or `bias`.
  package let role: String
  /// The shape: `[height, width, inChannels / groups, outChannels]`, `[inputs, outputs]` or `[outputs]`.
  package let shape: [Int]
  /// The initializer.
  package let initializer: Initializer
  /// The number of inputs of one output.
  package let fanIn: Int
  /// The number of outputs that depend on one input.
  package let fanOut: Int
}
