import CKernels

/// Forward pass without a column matrix: windows are read in place.
///
///     kernel --packed--> panels [K x 32 channels]
///     input --a band, with its padding--> windows in place * panels
///           --> up to 12 x 32 sums in registers --> bias, ReLU, output
///
/// A unit is a band of output pixels by a block of the panels of all groups. With few pixels, packing the
/// kernel would cost more than it saves, and its panels are read in place too. Sources: Georganas et al.,
/// "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures" (2018), section II; Goto and
/// van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), for sums that stay in registers.
package struct DirectForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let slices: [ColumnSlice]
  let panels: DirectPanels
  let bands: DirectBands
  let panelBlocks: EvenCut

  package let stages: [Int]
  package var scratchFloats: Int { bands.scalars }
  package var sharedFloats: Int { panels.floats }

  package init(_ problem: ConvolutionProblem) {
    geometry = problem.geometry
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels,
      atMost: DirectRule.maxPatchLength)
    panels = DirectPanels(geometry, packs: DirectRule.packs(geometry))
    (bands, panelBlocks) = DirectRule.forwardCut(problem, panels)
    stages = panels.stages + [bands.count * panelBlocks.count]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    if stage < panels.stages.count { return panels.pack(unit, operands) }
    let (index, panelBlock) = unit.quotientAndRemainder(dividingBy: panelBlocks.count)
    let band = bands.prepare(index, input: operands.input, scratch: scratch)
    for part in panels.byGroup(panelBlocks[panelBlock]) {
      for slice in slices { multiply(slice, part, band, operands) }
    }
  }

  /// Adds one slice of K to the outputs of a band and of some panels of one group.
  private func multiply(
    _ slice: ColumnSlice, _ part: DirectPanels.Part, _ band: DirectBands.Prepared, _ operands: PassOperands
  ) {
    let isFirst = slice == slices.first, isLast = slice == slices.last
    let output = operands.result + band.firstOutput * geometry.outputChannels + part.channels.lowerBound
    withUnsafePointer(to: band.window) { window in
      var job = ckernels_direct_forward_job(
        window: window,
        block: slice.block(
          pixels: band.pixels, firstChannelOfGroup: part.group * geometry.groupInputChannels),
        input: band.input,
        panels: panels.start(part, row: slice.start(channelsPerTap: geometry.groupInputChannels), operands),
        panel_stride: Int64(panels.stride), panel_row_stride: Int64(panels.rowStride), output: output,
        output_count: Int64(part.channels.count), output_stride: Int64(geometry.outputChannels),
        bias: operands.epilogue.bias.map { $0 + part.channels.lowerBound }, accumulate: isFirst ? 0 : 1,
        function: isLast ? operands.epilogue.registerFunction : ckernels_identity)
      ckernels_direct_forward(&job)
    }
    if isLast {
      operands.epilogue.finishActivation(
        output, rows: band.pixels.count, channels: part.channels, stride: geometry.outputChannels)
    }
  }
}
