import Im2col

/// Max or average pooling over `[height, width, channels]`.
public struct PoolingLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// Max or average.
  public var mode: PoolingMode
  /// The height and width of a window.
  public var window: Size2D
  /// The distance between windows, in pixels.
  public var stride: Size2D
  /// The padding rule; padding does not contribute to maxima and means.
  public var padding: Padding

  package var kindName: String { "pool" }

  package func plan(for input: [Int]) throws(ShapeError) -> LayerPlan {
    guard input.count == 3 else {
      throw .rank("the input of a pooling layer", axes: ["height", "width", "channels"], actual: input)
    }
    let geometry = try PoolingGeometry(
      input: [1] + input, window: window, stride: stride, padding: padding)
    return LayerPlan(
      output: Array(geometry.outputShape.dropFirst()),
      makeOpDescriptors: { [mode] _ in [PoolingDescriptor(mode: mode, geometry: geometry)] })
  }
}
