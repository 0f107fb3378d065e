import CKernels

/// When columns are read where they lie instead of being gathered, and how that work is cut: by shape alone.
package enum DirectRule {
  /// Fewer output channels than this leave most lanes of a tile empty.
  static let fewestOutputs = 8

  /// Sums shorter than this are mostly loads and stores of the results.
  static let fewestTerms = 8

  /// Output channels of a panel of the kernel.
  static let panel = Int(ckernels_panel_columns)
  /// Output pixels, or rows of the kernel's gradient, of a tile of sums.
  static let tileRows = Int(ckernels_tile_rows)

  /// Terms that are multiplied before the sums leave the registers: so many that their traffic is small, so few
  /// that a panel stays in a core's second cache level.
  static let mostTerms = Int(ckernels_direct_terms)
  /// Scalars of panels that one unit goes through for every tile of pixels: half of a second cache level.
  static let panelScalars = 1 << 16
  /// Pixels that a unit of the kernel's gradient packs at a time, at most and at least.
  static let mostPixels = Int(ckernels_direct_pixels)
  static let fewestPixels = 16

  /// Whether a layer's columns are long and its outputs wide enough.
  static func suits(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    settings.layout == .pixelsByChannels && settings.lowering != .im2col
      && geometry.groupOutputChannels >= fewestOutputs && geometry.columnLength >= fewestTerms
  }

  /// `channels` in whole panels.
  static func padded(_ channels: Int) -> Int { (channels + panel - 1) / panel * panel }
}

extension DirectRule {
  /// Bytes from one line to the next of the same set in a first cache level, and how many lines a set has, on the
  /// machines of today.
  private static let cacheWayBytes = 4_096

  /// Whether the windows of neighbouring pixels begin in the same set of the first cache level, of which a tile
  /// has more than the set has lines.
  static func collides(_ geometry: ConvolutionGeometry) -> Bool {
    let step = geometry.window.width.stride * geometry.inputChannels * MemoryLayout<Float>.stride
    return step % cacheWayBytes == 0
  }
}

extension DirectRule {
  /// Terms by output channels of the kernel's gradient that one unit makes.
  private static let gradientTerms = 576
  private static let gradientChannels = 256

  /// How much of the kernel's gradient a unit makes, so that its pixels' terms and channels fit the scratch.
  static func gradientCut(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> (terms: Int, channels: Int) {
    let room = settings.scratchFloats / fewestPixels
    let channels = max(panel, min(gradientChannels, padded(geometry.groupOutputChannels), room / 2 / panel * panel))
    return (max(1, min(gradientTerms, room - channels)), channels)
  }
}
