import Im2col

/// Maxima or means of windows.
public struct PoolingLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// Maximum or mean.
  public var mode: PoolingMode
  /// Rows and columns of a window.
  public var window: Size2D
  /// Steps between windows.
  public var stride: Size2D
  /// One of the four rules; padding takes no part in maxima and means.
  public var padding: Padding

  package var kindName: String { "pool" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
    guard input.count == 3 else {
      throw .rank("the input of a pooling layer", axes: ["height", "width", "channels"], actual: input)
    }
    let geometry = try PoolingGeometry(
      input: [1] + input, window: window, stride: stride, padding: padding)
    return LayerPlan(
      output: Array(geometry.outputShape.dropFirst()),
      ops: { [mode] _ in [PoolingDescriptor(mode: mode, geometry: geometry)] })
  }
}
