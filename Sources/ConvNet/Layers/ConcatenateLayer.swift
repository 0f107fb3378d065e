import Im2col

/// The channels of two or more inputs in order. All axes except the last one are equal.
public struct ConcatenateLayer: Layer {
  /// `concatenate`.
  public static let typeName = "concatenate"

  /// Creates a layer.
  public init() {}

  /// `concat`.
  public var kindName: String { "concat" }

  /// The shape of the inputs with the sum of their channels, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    guard let shape = inputs.first, let last = shape.last, inputs.count > 1 else {
      throw .unsupported("a concatenation reads at least two inputs with axes, not \(inputs)")
    }
    for (index, other) in inputs.enumerated() where other.dropLast() != shape.dropLast() {
      throw .mismatch(
        "input \(index) of a concatenation", expected: shape.dropLast() + [other.last ?? last], actual: other)
    }
    let channels = inputs.map { $0.last ?? 0 }
    let output = shape.dropLast() + [channels.reduce(0, +)]
    _ = try ShapeError.elementCount(of: Array(output), named: "output of a concatenation")
    let pixels = shape.dropLast().reduce(1, *)
    return LayerPlan(
      outputShape: Array(output),
      makeOpDescriptors: { _ in [ConcatenateDescriptor(pixels: pixels, channels: channels)] })
  }
}
