import CKernels

/// Forward without column matrices: the windows are multiplied where they lie in the image.
///
///     kernel --packed--> panels [K x 32 channels]
///     12 windows of the input, read in place * panels --> 12 x 32 sums in registers --> bias, ReLU, output
///
/// A unit is a block of output pixels of one group by a block of its panels. Only windows that reach beyond the
/// image are gathered into columns first, twelve at a time. Sources: Georganas et al., "Anatomy of High-Performance
/// Deep Learning Convolutions on SIMD Architectures" (2018), section II; Goto and van de Geijn, "Anatomy of
/// High-Performance Matrix Multiplication" (2008), for sums that stay in registers.
package struct DirectForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let slices: [ColumnSlice]
  let pixelBlocks: EvenCut
  /// Of the panels of a group.
  let panelBlocks: EvenCut
  /// Whether windows are copied together although they lie inside the image.
  let gathers: Bool

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats: Int
  package var loweringName: LoweringName { .direct }

  private let panelsOfGroup: Int

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(settings.layout == .pixelsByChannels)
    let terms = geometry.columnLength
    self.geometry = geometry
    window = geometry.kernelWindow
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels,
      atMost: min(DirectRule.mostTerms, settings.scratchFloats / DirectRule.tileRows))
    panelsOfGroup = DirectRule.padded(geometry.groupOutputChannels) / DirectRule.panel
    panelBlocks = EvenCut(
      panelsOfGroup, atMost: max(1, DirectRule.panelScalars / (min(terms, DirectRule.mostTerms) * DirectRule.panel)))
    let wanted = TileRule.wantedUnits / max(1, geometry.groups * panelBlocks.count)
    pixelBlocks = EvenCut(
      geometry.pixels, atMost: min(1_008, max(96, (geometry.pixels + max(1, wanted) - 1) / max(1, wanted))))
    gathers = DirectRule.collides(geometry)
    stages = [
      geometry.groups * panelsOfGroup, geometry.groups * panelBlocks.count * pixelBlocks.count,
    ]
    scratchFloats = DirectRule.tileRows * (slices.map(\.count).max() ?? 0)
    sharedFloats = geometry.groups * panelsOfGroup * DirectRule.panel * terms
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    if stage == 0 { return packPanel(unit, operands) }
    let (rest, pixelBlock) = unit.quotientAndRemainder(dividingBy: pixelBlocks.count)
    let (group, panelBlock) = rest.quotientAndRemainder(dividingBy: panelBlocks.count)
    let panels = panelBlocks[panelBlock]
    let channels =
      panels.lowerBound * DirectRule.panel..<min(
        panels.upperBound * DirectRule.panel, geometry.groupOutputChannels)
    let pixels = pixelBlocks[pixelBlock]
    let firstChannel = group * geometry.groupOutputChannels + channels.lowerBound
    let output = operands.result + pixels.lowerBound * geometry.outputChannels + firstChannel
    let isRectified = operands.activation == .relu

    withUnsafePointer(to: window) { window in
      for (index, slice) in slices.enumerated() {
        let isLast = index == slices.count - 1
        var job = ckernels_direct_forward_job(
          window: window,
          block: slice.block(pixels: pixels, firstChannelOfGroup: group * geometry.groupInputChannels),
          input: operands.left,
          panels: panel(group * panelsOfGroup + panels.lowerBound, operands)
            + slice.start(channelsPerTap: geometry.groupInputChannels) * DirectRule.panel,
          panel_stride: Int64(geometry.columnLength * DirectRule.panel),
          output: output, output_count: Int64(channels.count), output_stride: Int64(geometry.outputChannels),
          bias: operands.bias.map { $0 + firstChannel }, accumulate: index > 0 ? 1 : 0,
          function: isLast && isRectified ? ckernels_relu : ckernels_identity, gather: gathers ? 1 : 0,
          columns: scratch)
        ckernels_direct_forward(&job)
      }
    }
    if !isRectified {
      ckernels_finish_rows(
        output, Int64(pixels.count), Int64(channels.count), Int64(geometry.outputChannels), nil,
        operands.activation.kernelFunction)
    }
  }

  /// Panel `index` of all groups' panels, `[K, 32]`.
  private func panel(_ index: Int, _ operands: PassOperands) -> UnsafeMutablePointer<Float> {
    operands.shared + index * geometry.columnLength * DirectRule.panel
  }

  private func packPanel(_ index: Int, _ operands: PassOperands) {
    let (group, panelOfGroup) = index.quotientAndRemainder(dividingBy: panelsOfGroup)
    let first = panelOfGroup * DirectRule.panel
    ckernels_pack_panels(
      operands.right + group * geometry.groupOutputChannels + first, Int64(geometry.columnLength),
      Int64(min(DirectRule.panel, geometry.groupOutputChannels - first)), Int64(geometry.outputChannels),
      panel(index, operands))
  }
}
