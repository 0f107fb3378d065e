import Im2col

/// Rows and columns of zeros around an image.
public struct ZeroPaddingLayer: Layer {
  /// `zero_padding`.
  public static let typeName = "zero_padding"

  /// The number of rows above and below, and of columns to the left and right; none is negative.
  public var top, bottom, left, right: Int

  /// Creates a layer.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
  }

  /// `pad`.
  public var kindName: String { "pad" }

  /// `[top + height + bottom, left + width + right, channels]`, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireImageInput(inputs)
    for (side, count) in [("top", top), ("bottom", bottom), ("left", left), ("right", right)] {
      try ShapeError.requireNonNegative(count, "the zero padding at the \(side)")
    }
    // Each is at most Int32.max, so the sums do not overflow.
    let output = [top + input[0] + bottom, left + input[1] + right, input[2]]
    _ = try ShapeError.elementCount(of: output, named: "output of a zero padding")
    return LayerPlan(
      outputShape: output,
      makeOpDescriptors: { [top, left] _ in
        [ZeroPaddingDescriptor(input: input, output: output, top: top, left: left)]
      })
  }
}

extension Block {
  /// Rows and columns of zeros around an image.
  public static func zeroPadding(
    top: Int = 0, bottom: Int = 0, left: Int = 0, right: Int = 0, name: String? = nil
  ) -> Block {
    .layer(ZeroPaddingLayer(top: top, bottom: bottom, left: left, right: right), name: name)
  }
}
