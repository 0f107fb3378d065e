import Im2col

/// Parametric ReLU: `x` where `x > 0`, and `slope[channel] * x` elsewhere. The slopes are trained.
///
/// He, Zhang, Ren, Sun, "Delving deep into rectifiers", arXiv 1502.01852, section 2.1.
public struct PReLULayer: Layer {
  /// `prelu`.
  public static let typeName = "prelu"

  /// The initial slope of every channel.
  public var initialSlope: Float

  /// Creates a layer. The paper and PyTorch begin with 0.25, Keras with 0.
  public init(initialSlope: Float = 0.25) { self.initialSlope = initialSlope }

  /// The shape of the input, with a `slope` `[channels]`.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    guard let channels = input.last else {
      throw .rank("the input of a PReLU", axes: ["...", "channels"], actual: input)
    }
    let count = try ShapeError.elementCount(of: input, named: "input of a PReLU")
    let slope = Initializer.constant(initialSlope)
    try slope.validate()
    return LayerPlan(
      outputShape: input, parameters: [LayerParameter("slope", shape: [channels], initializer: slope)],
      makeOpDescriptors: { position in
        [PReLUDescriptor(pixels: count / channels, channels: channels, slopeStart: position.parameters[0])]
      })
  }
}

extension Block {
  /// Parametric ReLU, with one trained slope for each channel. See `PReLULayer`.
  public static func prelu(initialSlope: Float = 0.25, name: String? = nil) -> Block {
    .layer(PReLULayer(initialSlope: initialSlope), name: name)
  }
}
