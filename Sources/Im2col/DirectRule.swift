import CKernels

/// When columns are read where they lie instead of being gathered, and how that work is cut: by shape alone.
package enum DirectRule {
  /// Fewer output channels than this leave most lanes of a tile empty.
  static let minOutputs = 8
  /// Output channels are made in vectors of so many.
  static let lanes = 8
  /// At least so many of a vector's channels, in percent, have to count.
  static let leastUsedPercent = 75
  /// Shorter runs of memory are gathered faster than they are walked along.
  static let shortestRun = 8
  /// The fewest outputs for the kernel's gradient, whose patchLength are read once for each tile of outputs.
  static let minGradientOutputs = 24

  /// Output channels of a panel of the kernel.
  static let panel = Int(ckernels_panel_columns)
  /// Output pixels, or rows of the kernel's gradient, of a tile of sums.
  static let tileRows = Int(ckernels_tile_rows)

  /// Terms that are multiplied before the sums leave the registers: so many that their traffic is small, so few
  /// that a panel stays in a core's second cache level.
  static let maxPatchLength = 384
  /// Scalars of panels that one unit goes through for every tile of pixels: half of a second cache level.
  static let maxPanelScalars = 1 << 16
  /// Pixels that a unit of the kernel's gradient packs at a time, at most and at least.
  static let maxPixels = Int(ckernels_direct_pixels)
  static let minPixels = 16

  /// Whether windows are worth reading in place, or have to be.
  static func suits(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    guard settings.layout == .pixelsByChannels, settings.lowering != .im2col else { return false }
    return settings.lowering == .direct || hasWideRows(geometry) && !suitsSmallProducts(geometry)
  }

  /// The same for the kernel's gradient.
  static func suitsGradient(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    guard settings.layout == .pixelsByChannels, settings.lowering != .im2col else { return false }
    return settings.lowering == .direct
      || hasWideRows(geometry) && geometry.groupOutputChannels >= minGradientOutputs
        && !suitsSmallProducts(geometry)
  }

  private static func hasWideRows(_ geometry: ConvolutionGeometry) -> Bool {
    let (outputs, inputs) = (geometry.groupOutputChannels, geometry.groupInputChannels)
    let hasDenseRows = geometry.groups == 1 && geometry.window.width.dilation == 1
    let run = hasDenseRows ? geometry.window.width.kernel * inputs : inputs
    return outputs >= minOutputs && 100 * outputs >= leastUsedPercent * padded(outputs)
      && run >= shortestRun
  }

  /// A kernel of one pixel has no columns to lay out, and what OpenBLAS multiplies without packing stays with it.
  private static func suitsSmallProducts(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.isPointwise
      && geometry.patchLength * geometry.groupOutputChannels * TileRule.minSmallRows
        <= TileRule.smallProduct
  }

  /// Fewer pixels than this do not repay the packing of a kernel.
  static let minPackedPixels = 512

  /// Whether the kernel is packed; one whose rows end within a vector has to be.
  static func packs(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.groupOutputChannels % lanes != 0 || geometry.pixels >= minPackedPixels
  }

  /// `channels` in whole vectors.
  static func padded(_ channels: Int) -> Int { (channels + lanes - 1) / lanes * lanes }

  /// `channels` in whole panels.
  static func inPanels(_ channels: Int) -> Int { (channels + panel - 1) / panel * panel }
}

extension DirectRule {
  /// Output pixels of a unit: so many that a unit's start is nothing beside it, so few that workers end together.
  private static let pixelsOfUnit = 96...1_008
  /// Scalars of the input that a unit of several groups reads: all of them take turns with the same pixels.
  private static let groupedScalars = 1 << 16

  /// How forward is cut into units: by pixels, and by panels where pixels are too few or panels too large.
  static func forwardCut(_ geometry: ConvolutionGeometry, _ panels: DirectPanels) -> (
    pixels: EvenCut, panels: EvenCut
  ) {
    let panelScalars = min(geometry.patchLength, maxPatchLength) * panels.width
    let inCache = EvenCut(panels.count, atMost: max(1, maxPanelScalars / panelScalars))
    var maxPixels = units(of: geometry.pixels, besides: inCache.count)
    if geometry.groups > 1 { maxPixels = min(maxPixels, groupedScalars / geometry.inputChannels) }
    let pixels = EvenCut(geometry.pixels, atMost: maxPixels.clamped(to: pixelsOfUnit))
    let shared = units(of: panels.count, besides: pixels.count)
    return (pixels, EvenCut(panels.count, atMost: min(inCache.size, max(1, shared))))
  }

  /// Terms by output channels of the kernel's gradient that one unit makes: each pixel's are read once.
  private static let maxGradientPatchLength = 576
  private static let maxGradientChannels = 256
  /// Fewer patchLength are not worth packing the pixels once more.
  private static let minGradientPatchLength = 48

  /// How the kernel's gradient is cut into units: as many patchLength and channels as fit the scratch with some pixels, then
  /// parts of the pixels, then fewer patchLength.
  static func gradientCut(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> (
    patchLength: Int, channels: Int, parts: EvenCut
  ) {
    let room = settings.scratchFloats / minPixels
    let channels = max(
      panel, min(maxGradientChannels, inPanels(geometry.groupOutputChannels), room / 2 / panel * panel))
    let patchLength = max(1, min(geometry.patchLength, maxGradientPatchLength, room - channels))
    let blocks = geometry.groups * EvenCut(geometry.groupOutputChannels, atMost: channels).count
    let parts = TileRule.parts(
      pixels: geometry.pixels, units: blocks * EvenCut(geometry.patchLength, atMost: patchLength).count)
    let shared = units(of: geometry.patchLength, besides: blocks * parts.count)
    return (min(patchLength, max(minGradientPatchLength, shared)), channels, parts)
  }

  /// The length of one part where as many are wanted as give enough units with `others` of them already.
  private static func units(of total: Int, besides others: Int) -> Int {
    let wanted = max(1, TileRule.wantedUnits / max(1, others))
    return (total + wanted - 1) / wanted
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
