import Im2col

/// The sum of two or more inputs of the same shape.
public struct AddLayer: Layer {
  /// `add`.
  public static let typeName = "add"

  /// Creates a layer.
  public init() {}

  /// The shape of the inputs, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    guard let shape = inputs.first, inputs.count > 1 else {
      throw .unsupported("a sum reads at least two inputs, not \(inputs.count)")
    }
    for (index, other) in inputs.enumerated() where other != shape {
      throw .mismatch("input \(index) of a sum", expected: shape, actual: other)
    }
    let count = try ShapeError.elementCount(of: shape, named: "input of a sum")
    return LayerPlan(
      outputShape: shape, forwardFLOPs: Double(count * (inputs.count - 1)),
      makeOpDescriptors: { _ in [AddDescriptor(count: count, inputs: inputs.count)] })
  }
}
