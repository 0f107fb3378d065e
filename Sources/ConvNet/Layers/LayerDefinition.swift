import Im2col

/// What a kind of layer has to tell a plan. Shapes are those of one image, without the batch.
package protocol LayerDefinition: Sendable {
  /// The name that an unnamed layer is numbered under: `conv1`, `conv2`.
  var kindName: String { get }

  /// What the layer needs and gives for inputs of one shape.
  ///
  /// - Throws: `ShapeError` when the layer cannot follow such an input.
  func planned(input: [Int]) throws(ShapeError) -> LayerPlan
}

/// A layer whose input shape is known.
package struct LayerPlan: Sendable {
  /// The shape of one output.
  package var output: [Int]
  /// What it learns, in the order of model files.
  package var parameters: [ParameterPlan] = []
  /// Multiplications and additions forward, for one image.
  package var forwardFLOPs: Double = 0
  /// The work in its simplest ops; the plan fuses neighbors where it can.
  package var ops: @Sendable (_ place: LayerPlace) -> [any OpDescriptor] = { _ in [] }
}

/// Where in a model a layer stands.
package struct LayerPlace: Sendable {
  /// Which of the declared layers, counted from 0.
  package let index: Int
  /// Where the layer's parameters start in the flat buffer.
  package let firstParameter: Int
}

/// One array that a layer learns.
package struct ParameterPlan: Sendable {
  /// What the array is for: `kernel` or `bias`.
  package let role: String
  /// Its shape: HWIO, `[inputs, outputs]` or `[outputs]`.
  package let shape: [Int]
  /// How it starts.
  package let initializer: Initializer
  /// Terms in the sum that makes one output.
  package let fanIn: Int
  /// Outputs that one input takes part in.
  package let fanOut: Int
}
