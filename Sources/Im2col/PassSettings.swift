/// The order of pixels and channels in memory inside a fused op.
package enum PixelLayout: Sendable, Hashable {
  /// `[batch, height, width, channels]`, the layout of every public tensor.
  case pixelsByChannels
  /// `[channels, batch, height, width]`, for layers with too few channels to fill the vector lanes.
  case channelsByPixels
}

/// The scratch budget, lowering and layout of a pass; independent of the number of workers.
package struct PassSettings: Sendable, Hashable {
  /// Scalars of scratch that one unit may use.
  package var scratchFloats: Int
  /// The lowerings that may be chosen.
  package var lowering: Lowering
  /// The layout of the output (forward) or of the output gradient (gradients).
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
