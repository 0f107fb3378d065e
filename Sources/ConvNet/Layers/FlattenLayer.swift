import Im2col

/// `[height, width, channels]` to `[features]`, in that order. Costs nothing: rows lie like that already.
public struct FlattenLayer: Sendable, Hashable, Codable, LayerDefinition {
  package var kindName: String { "flatten" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
    LayerPlan(output: [try ShapeError.elementCount(of: input, named: "flattened image")])
  }
}
