import CKernels

/// How the work of the passes that read windows in place is split, and what it costs.
package enum DirectRule {
  /// Output channels are read in multiples of this number: half of a 16-lane vector.
  static let channelMultiple = 8
  /// Output channels of a kernel panel.
  static let panel = Int(ckernels_panel_columns)
  /// Output pixels, or rows of the kernel gradient, of a tile of sums.
  static let tileRows = Int(ckernels_tile_rows)

  /// Terms that are multiplied before the sums leave the registers: enough to amortize their traffic, and few
  /// enough that a panel stays in the second-level cache.
  static let maxPatchLength = 384
  /// Scalars of panels that one unit reads for every tile of pixels: 256 KiB, a quarter
  /// of a second-level cache of 1 MiB.
  static let maxPanelScalars = 1 << 16
  /// The maximum and the minimum number of pixels that a unit of the kernel gradient packs at a time.
  static let maxPixels = Int(ckernels_direct_max_pixels)
  static let minPixels = 16

  /// The minimum number of pixels that amortizes packing the kernel.
  static let minPackedPixels = 512

  /// Whether the kernel is packed; it must be if its rows are not multiples of 8 channels.
  static func packs(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.groupOutputChannels % channelMultiple != 0 || geometry.pixels >= minPackedPixels
  }

  /// Returns `channels` rounded up to a multiple of 8.
  static func roundedUpToMultiple(_ channels: Int) -> Int {
    (channels + channelMultiple - 1) / channelMultiple * channelMultiple
  }

  /// Returns `channels` rounded up to whole panels.
  static func roundedUpToPanels(_ channels: Int) -> Int { (channels + panel - 1) / panel * panel }
}

extension DirectRule {
  /// Output pixels of a unit: enough to amortize its start, and few enough that workers finish together.
  private static let pixelsOfUnit = 96...1_008
  /// The maximum number of input scalars of a unit with several groups. They stay in the cache while each
  /// group reads its channels.
  private static let groupedScalars = 1 << 16

  /// Splits the forward pass into units by pixels, and by panels if there are few pixels or large panels.
  static func forwardCut(_ geometry: ConvolutionGeometry, _ panels: DirectPanels) -> (
    pixels: EvenCut, panels: EvenCut
  ) {
    let panelScalars = min(geometry.patchLength, maxPatchLength) * panels.width
    let inCache = EvenCut(panels.count, atMost: max(1, maxPanelScalars / panelScalars))
    var maxPixels = partLength(of: geometry.pixels, besides: inCache.count)
    if geometry.groups > 1 { maxPixels = min(maxPixels, groupedScalars / geometry.inputChannels) }
    let pixels = EvenCut(geometry.pixels, atMost: maxPixels.clamped(to: pixelsOfUnit))
    let shared = partLength(of: panels.count, besides: pixels.count)
    return (pixels, EvenCut(panels.count, atMost: min(inCache.size, max(1, shared))))
  }

  /// The maximum patch length and number of output channels of one unit of the kernel gradient.
  private static let maxGradientPatchLength = 576
  private static let maxGradientChannels = 256
  /// The minimum patch length of a unit that amortizes packing the pixels again.
  private static let minGradientPatchLength = 48

  /// Splits the kernel gradient into units: as much of K and as many channels as fit the scratch together
  /// with some pixels. If that gives too few units, the pixels are split into parts, and then K into shorter
  /// slices.
  static func gradientCut(_ problem: ConvolutionProblem) -> (
    patchLength: Int, channels: Int, parts: EvenCut
  ) {
    let geometry = problem.geometry
    let scalarsPerPixel = problem.scratchFloats / minPixels
    let channels = max(
      panel,
      min(
        maxGradientChannels, roundedUpToPanels(geometry.groupOutputChannels),
        scalarsPerPixel / 2 / panel * panel))
    let patchLength = max(1, min(geometry.patchLength, maxGradientPatchLength, scalarsPerPixel - channels))
    let blocks = geometry.groups * EvenCut(geometry.groupOutputChannels, atMost: channels).count
    let parts = TileRule.parts(
      pixels: geometry.pixels, units: blocks * EvenCut(geometry.patchLength, atMost: patchLength).count)
    let shared = partLength(of: geometry.patchLength, besides: blocks * parts.count)
    return (min(patchLength, max(minGradientPatchLength, shared)), channels, parts)
  }

  /// Returns the length of a part of `total` such that the parts, times `others`, give enough units.
  private static func partLength(of total: Int, besides others: Int) -> Int {
    let wanted = max(1, TileRule.wantedUnits / max(1, others))
    return (total + wanted - 1) / wanted
  }
}

extension Int {
  fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}

extension DirectRule {
  /// The multiplications, with output channels rounded up to the half vectors of a tile, the contiguous runs
  /// that are read in place, and the kernel that is packed.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry, width = geometry.window.width
    let hasDenseRows = geometry.groups == 1 && width.dilation == 1
    let runs = hasDenseRows ? geometry.window.height.kernel : geometry.window.taps
    let tiles = Double(geometry.pixels * geometry.groups) / Double(tileRows)
    return CostTerms(
      multiplications: Double(geometry.pixels * geometry.groups) * Double(geometry.patchLength)
        * Double(roundedUpToMultiple(geometry.groupOutputChannels)),
      moved: Double(geometry.kernelCount) + Double(geometry.outputCount),
      calls: tiles * Double((geometry.groupOutputChannels + panel - 1) / panel) * Double(runs))
  }
}
