/// Chooses a pass for each direction of a convolution, determined only by shape and settings.
package enum ConvolutionPlan {
  /// Returns the forward pass, whose output has the layout of the settings.
  package static func forward(_ geometry: ConvolutionGeometry, _ settings: PassSettings)
    -> any ConvolutionPass
  {
    if DirectRowsRule.suits(geometry, settings) { return DirectRowsForward(geometry, settings) }
    if suitsChannelRows(geometry, settings) { return ChannelRowsForward(geometry, settings) }
    if suitsDepthwise(geometry, settings) { return DepthwiseForward(geometry, settings) }
    if let tile = winogradTile(geometry, settings) { return WinogradForward(geometry, tile: tile) }
    if DirectRule.suits(geometry, settings) { return DirectForward(geometry, settings) }
    return Im2colForward(geometry, settings)
  }

  /// Returns the pass that computes the input gradient from an output gradient in the layout of the settings.
  package static func inputGradient(_ geometry: ConvolutionGeometry, _ settings: PassSettings)
    -> any ConvolutionPass
  {
    if suitsDepthwise(geometry, settings) { return DepthwiseInputGradient(geometry, settings) }
    if settings.layout == .pixelsByChannels, suitsRotation(geometry, settings) {
      return RotatedInputGradient(geometry) { forward($0, settings) }
    }
    return Col2imInputGradient(geometry, settings)
  }

  /// Returns the pass that computes the kernel gradient from an output gradient in the layout of the
  /// settings.
  package static func kernelGradient(_ geometry: ConvolutionGeometry, _ settings: PassSettings)
    -> any ConvolutionPass
  {
    if DirectRowsRule.suits(geometry, settings) { return DirectRowsKernelGradient(geometry, settings) }
    if suitsChannelRows(geometry, settings) { return ChannelRowsKernelGradient(geometry, settings) }
    if suitsDepthwise(geometry, settings) { return DepthwiseKernelGradient(geometry, settings) }
    if let tile = winogradTile(geometry, settings, minTiles: WinogradRule.minGradientTiles) {
      return WinogradKernelGradient(geometry, tile: tile)
    }
    if DirectRule.suitsGradient(geometry, settings) { return DirectKernelGradient(geometry, settings) }
    return Im2colKernelGradient(geometry, settings)
  }

  private static func suitsDepthwise(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    settings.lowering != .im2col && settings.lowering != .direct && settings.layout == .pixelsByChannels
      && DepthwiseRule.allows(geometry)
  }

  private static func winogradTile(
    _ geometry: ConvolutionGeometry, _ settings: PassSettings, minTiles: Int = 1
  ) -> WinogradTile? {
    let asked: [WinogradTile] =
      switch settings.lowering {
      case .automatic:
        [WinogradRule.choice(geometry)].compactMap { $0 }.filter { $0.count(geometry) >= minTiles }
      case .im2col, .direct: []
      case .winograd2: [.two, .twoByFive]
      case .winograd4: [.four]
      }
    return asked.first { $0.fits(geometry) }
  }

  /// Returns the layout in which the products of a fused op are fastest.
  package static func preferredLayout(_ geometry: ConvolutionGeometry) -> PixelLayout {
    hasFewChannels(geometry) ? .channelsByPixels : .pixelsByChannels
  }

  /// With fewer output channels than vector lanes, vectors of pixels are faster than vectors of channels.
  /// With a single input channel, they are contiguous.
  private static func hasFewChannels(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.outputChannels < 16 && geometry.inputChannels == 1
  }

  private static func suitsChannelRows(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    settings.layout == .channelsByPixels || settings.lowering != .direct && hasFewChannels(geometry)
  }

  /// At stride 1, the forward pass of the rotated kernel is faster than col2im, unless the input has many
  /// more pixels than the output, or too few channels to fill the vector lanes of a product.
  ///
  /// Under `.im2col` and `.direct` only 1x1 kernels are rotated. A larger one is multiplied by zeros beyond
  /// the border, where NaN and infinity would reach inputs that do not use them.
  private static func suitsRotation(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    let (height, width) = (geometry.window.height, geometry.window.width)
    guard height.stride == 1, width.stride == 1 else { return false }
    if geometry.isPointwise { return true }
    return settings.lowering != .im2col && settings.lowering != .direct
      && geometry.groupInputChannels >= minRotatedInputChannels
      && 4 * height.input * width.input <= 5 * height.output * width.output
  }

  private static let minRotatedInputChannels = 8
}
