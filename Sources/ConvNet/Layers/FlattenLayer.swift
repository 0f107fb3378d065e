import Im2col

/// Reshapes `[height, width, channels]` to `[features]` in row-major order. Costs nothing.
public struct FlattenLayer: Sendable, Hashable, Codable, LayerDefinition {
  package var kindName: String { "flatten" }

  package func plan(for input: [Int]) throws(ShapeError) -> LayerPlan {
    LayerPlan(output: [try ShapeError.elementCount(of: input, named: "flattened image")])
  }
}
