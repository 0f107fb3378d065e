import Im2col

/// Max or average pooling over `[height, width, channels]`.
public struct PoolingLayer: Layer {
  /// `pooling`.
  public static let typeName = "pooling"

  /// Max or average.
  public var mode: PoolingMode
  /// The height and width of a window.
  public var window: Size2D
  /// The distance between windows, in pixels.
  public var stride: Size2D
  /// The padding rule; padding does not contribute to maxima and means.
  public var padding: Padding

  /// Creates a layer. `stride` defaults to the window size.
  public init(mode: PoolingMode, window: Size2D, stride: Size2D? = nil, padding: Padding = .valid) {
    (self.mode, self.window, self.stride, self.padding) = (mode, window, stride ?? window, padding)
  }

  /// `pool`.
  public var kindName: String { "pool" }

  /// `[height, width, channels]` of the windows, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let geometry = try PoolingGeometry(
      input: [1] + requireImageInput(inputs), window: window, stride: stride, padding: padding)
    return LayerPlan(
      outputShape: Array(geometry.outputShape.dropFirst()),
      makeOpDescriptors: { [mode] _ in [PoolingDescriptor(mode: mode, geometry: geometry)] })
  }
}
