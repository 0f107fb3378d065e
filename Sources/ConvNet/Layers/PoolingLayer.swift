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
  /// The distance between the pixels of a window.
  public var dilation: Size2D
  /// The padding rule; padding does not contribute to maxima.
  public var padding: Padding
  /// Whether the number of windows is rounded up; see `AxisGeometry`. ONNX's `ceil_mode`.
  public var roundsUp: Bool
  /// Whether a mean counts the padding, as zeros. ONNX's `count_include_pad`.
  public var countsPadding: Bool

  /// Creates a layer. `stride` defaults to the window size.
  public init(
    mode: PoolingMode, window: Size2D, stride: Size2D? = nil, dilation: Size2D = 1,
    padding: Padding = .valid, roundsUp: Bool = false, countsPadding: Bool = false
  ) {
    (self.mode, self.window, self.stride) = (mode, window, stride ?? window)
    (self.dilation, self.padding) = (dilation, padding)
    (self.roundsUp, self.countsPadding) = (roundsUp, countsPadding)
  }

  /// `pool`.
  public var kindName: String { "pool" }

  /// `[height, width, channels]` of the windows, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let geometry = try PoolingGeometry(
      input: [1] + requireImageInput(inputs), window: window, stride: stride, dilation: dilation,
      padding: padding, roundsUp: roundsUp, countsPadding: countsPadding)
    return LayerPlan(
      outputShape: Array(geometry.outputShape.dropFirst()),
      makeOpDescriptors: { [mode] _ in [PoolingDescriptor(mode: mode, geometry: geometry)] })
  }
}

extension PoolingLayer {
  private enum CodingKeys: String, CodingKey {
    case mode, window, stride, dilation, padding, roundsUp, countsPadding
  }

  /// Decodes a layer; the dilation is 1, and the other two settings are false without the keys.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    mode = try values.decode(PoolingMode.self, forKey: .mode)
    window = try values.decode(Size2D.self, forKey: .window)
    stride = try values.decode(Size2D.self, forKey: .stride)
    dilation = try values.decodeIfPresent(Size2D.self, forKey: .dilation) ?? 1
    padding = try values.decode(Padding.self, forKey: .padding)
    roundsUp = try values.decodeIfPresent(Bool.self, forKey: .roundsUp) ?? false
    countsPadding = try values.decodeIfPresent(Bool.self, forKey: .countsPadding) ?? false
  }

  /// Encodes a layer; settings that 0.1.0 does not know are written only if they matter.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(mode, forKey: .mode)
    try values.encode(window, forKey: .window)
    try values.encode(stride, forKey: .stride)
    if dilation != 1 { try values.encode(dilation, forKey: .dilation) }
    try values.encode(padding, forKey: .padding)
    if roundsUp { try values.encode(roundsUp, forKey: .roundsUp) }
    if countsPadding { try values.encode(countsPadding, forKey: .countsPadding) }
  }
}
