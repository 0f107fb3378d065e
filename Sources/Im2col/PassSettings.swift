/// How the pixels and channels of an image batch lie in memory inside a fused layer.
package enum PixelLayout: Sendable, Hashable {
  /// `[batch, height, width, channels]`, the layout of every public tensor.
  case pixelsByChannels
  /// `[channels, batch, height, width]`: for layers with so few channels that rows of
  /// channels would leave vector lanes empty.
  case channelsByPixels
}

/// What a pass may use and how its wide operand lies; decided by shape and options, never by workers.
package struct PassSettings: Sendable, Hashable {
  /// Scalars of scratch that one unit may use.
  package var scratchFloats: Int
  /// Which lowerings may be chosen.
  package var lowering: Lowering
  /// How the output (forward) or the output's gradient (gradients) lies in memory.
  package var layout: PixelLayout

  package init(
    scratchBytes: Int = ComputeOptions.defaultScratchBytes, lowering: Lowering = .automatic,
    layout: PixelLayout = .pixelsByChannels
  ) {
    scratchFloats =
      max(scratchBytes, ComputeOptions.smallestScratchBytes) / MemoryLayout<Float>.stride
    (self.lowering, self.layout) = (lowering, layout)
  }
}
