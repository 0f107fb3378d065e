import Im2col

/// The maximum or the mean of every channel over all pixels: `[height, width, channels]` to `[channels]`.
///
/// Lin, Chen, Yan, "Network in network", arXiv 1312.4400, section 3.2.
public struct GlobalPoolingLayer: Layer {
  /// `global_pooling`.
  public static let typeName = "global_pooling"

  /// Max or average.
  public var mode: PoolingMode

  /// Creates a layer.
  public init(mode: PoolingMode) { self.mode = mode }

  /// `gpool`.
  public var kindName: String { "gpool" }

  /// `[channels]`, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireImageInput(inputs)
    let geometry = try PoolingGeometry(
      input: [1] + input, window: Size2D(height: input[0], width: input[1]), stride: 1)
    return LayerPlan(
      outputShape: [input[2]],
      makeOpDescriptors: { [mode] _ in [PoolingDescriptor(mode: mode, geometry: geometry)] })
  }
}

extension Block {
  /// The mean of every channel over all pixels: `[height, width, channels]` to `[channels]`.
  public static func globalAveragePooling(name: String? = nil) -> Block {
    .layer(GlobalPoolingLayer(mode: .average), name: name)
  }

  /// The maximum of every channel over all pixels: `[height, width, channels]` to `[channels]`.
  public static func globalMaxPooling(name: String? = nil) -> Block {
    .layer(GlobalPoolingLayer(mode: .max), name: name)
  }
}
