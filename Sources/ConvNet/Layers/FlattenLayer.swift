import Im2col

/// Reshapes `[height, width, channels]` to `[features]` in row-major order. Costs nothing.
public struct FlattenLayer: Layer {
  /// `flatten`.
  public static let typeName = "flatten"

  /// Creates a layer.
  public init() {}

  /// The number of scalars of the input.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    return LayerPlan(outputShape: [try ShapeError.elementCount(of: input, named: "flattened image")])
  }
}
