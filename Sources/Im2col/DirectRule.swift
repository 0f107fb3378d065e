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
  /// The maximum number of pixels that a unit of the kernel gradient packs at a time, and the number that
  /// the scratch should have room for.
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
  private static let minUnitPixels = 96, maxUnitPixels = 1_008

  /// Splits the forward pass into units by pixels, and by panels if there are few pixels or large panels.
  static func forwardCut(_ problem: ConvolutionProblem, _ panels: DirectPanels) -> (
    bands: DirectBands, panels: EvenCut
  ) {
    let geometry = problem.geometry
    let panelScalars = min(geometry.patchLength, maxPatchLength) * panels.width
    let inCache = EvenCut(panels.count, atMost: max(1, maxPanelScalars / panelScalars))
    // With few pixels the kernel is the larger part, and it is read once for each band.
    let others = packs(geometry) ? inCache.count : panels.count
    let pixels = max(minUnitPixels, min(maxUnitPixels, partLength(of: geometry.pixels, besides: others)))
    let bands = DirectBands(geometry, atMost: problem.scratchFloats, pixels: pixels)
    let shared = partLength(of: panels.count, besides: bands.count)
    return (bands, EvenCut(panels.count, atMost: min(inCache.size, max(1, shared))))
  }

  /// The maximum patch length and number of output channels of one unit of the kernel gradient.
  private static let maxGradientPatchLength = 576
  private static let maxGradientChannels = 256
  /// The minimum patch length of a unit that amortizes packing the pixels again.
  private static let minGradientPatchLength = 48

  /// Scalars of scratch for packed output gradients; the rest is for the band.
  static func panelShare(_ problem: ConvolutionProblem) -> Int { problem.scratchFloats / 4 }

  /// Splits the kernel gradient into units: as much of K and as many channels as fit the scratch together
  /// with some pixels. If that gives too few units, the bands are split into parts, and then K into shorter
  /// slices.
  static func gradientCut(_ problem: ConvolutionProblem) -> (
    patchLength: Int, channels: Int, bands: DirectBands, parts: EvenCut
  ) {
    let geometry = problem.geometry
    let channels = max(
      panel,
      min(
        maxGradientChannels, roundedUpToPanels(geometry.groupOutputChannels),
        panelShare(problem) / minPixels / panel * panel))
    let patchLength = min(geometry.patchLength, maxGradientPatchLength)
    let blocks = geometry.groups * EvenCut(geometry.groupOutputChannels, atMost: channels).count
    let wanted = TileRule.parts(
      pixels: geometry.pixels, units: blocks * EvenCut(geometry.patchLength, atMost: patchLength).count)
    let bands = DirectBands(
      geometry, atMost: problem.scratchFloats - panelShare(problem), pixels: max(1, wanted.size))
    let parts = EvenCut(bands.count, atMost: (bands.count + wanted.count - 1) / max(1, wanted.count))
    let shared = partLength(of: geometry.patchLength, besides: blocks * parts.count)
    return (min(patchLength, max(minGradientPatchLength, shared)), channels, bands, parts)
  }

  /// Returns the length of a part of `total` such that the parts, times `others`, give enough units.
  private static func partLength(of total: Int, besides others: Int) -> Int {
    let wanted = max(1, TileRule.wantedUnits / max(1, others))
    return (total + wanted - 1) / wanted
  }
}

extension DirectRule {
  /// Whether a band of one output row fits the scratch.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    DirectBands.fit(problem.geometry, in: problem.scratchFloats)
  }

  /// The same, beside the packed output gradients.
  @Sendable static func supportsGradient(_ problem: ConvolutionProblem) -> Bool {
    DirectBands.fit(problem.geometry, in: problem.scratchFloats - panelShare(problem))
  }

  /// Whether the channels of a group fill half vectors; others pass through a buffer.
  private static func isWhole(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.groupOutputChannels % channelMultiple == 0
  }

  /// The multiplications, with output channels rounded up to the half vectors of a tile; the scalars of the
  /// bands that are copied, of the packed kernel and of the output, which each slice of K reads again; and
  /// the tiles.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry, (height, width) = (geometry.window.height, geometry.window.width)
    let panels = DirectPanels(geometry, packs: packs(geometry))
    let (bands, panelBlocks) = forwardCut(problem, panels)
    let slices = (geometry.patchLength + maxPatchLength - 1) / maxPatchLength
    let tilesOfRow = (width.output + tileRows - 1) / tileRows
    return CostTerms(
      multiplications: Double(geometry.pixels * geometry.groups) * Double(geometry.patchLength)
        * Double(roundedUpToMultiple(geometry.groupOutputChannels)),
      moved: Double(bands.scalars * bands.count * panelBlocks.count) + Double(panels.floats)
        + Double(geometry.outputCount) * Double(slices * (isWhole(geometry) ? 1 : 4)),
      calls: Double(geometry.batch * height.output * tilesOfRow) * Double(panels.count * slices))
  }

  /// The multiplications, with output channels rounded up to the half vectors of a tile; the scalars of the
  /// bands that are copied and of the packed output gradient; and the tiles.
  @Sendable static func gradientTerms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry, pass = DirectKernelGradient(problem)
    let units = pass.slices.count * pass.channelBlocks.count * geometry.groups
    let chunks = pass.bands.count + geometry.pixels / pass.pixelsAtOnce
    let tiles = geometry.patchLength / tileRows + pass.slices.count
    return CostTerms(
      multiplications: Double(geometry.pixels * geometry.groups) * Double(geometry.patchLength)
        * Double(roundedUpToMultiple(geometry.groupOutputChannels)),
      moved: Double(pass.bands.scalars * pass.bands.count) * Double(units)
        + Double(geometry.outputCount) * Double(pass.slices.count * (isWhole(geometry) ? 1 : 2)),
      calls: Double(chunks * tiles) * Double(geometry.groups)
        * Double((geometry.groupOutputChannels + panel - 1) / panel))
  }
}
