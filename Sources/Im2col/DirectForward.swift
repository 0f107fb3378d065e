import CKernels

/// Forward pass without a column matrix: windows are read in place in the image.
///
///     kernel --packed--> panels [K x 32 channels]
///     12 windows of the input, read in place * panels --> up to 12 x 32 sums in registers --> bias, ReLU, output
///
/// A unit is a block of output pixels by a block of the panels of all groups. Tiles with a window that
/// reaches beyond the image are gathered into columns. With few pixels, packing the kernel would cost more
/// than it saves, and its panels are read in place too. Sources: Georganas et al., "Anatomy of
/// High-Performance Deep Learning Convolutions on SIMD Architectures" (2018), section II; Goto and van de
/// Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), for sums that stay in registers.
package struct DirectForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let slices: [ColumnSlice]
  let panels: DirectPanels
  let pixelBlocks: EvenCut
  let panelBlocks: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package var sharedFloats: Int { panels.floats }

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    self.geometry = geometry
    window = geometry.kernelWindow
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels,
      atMost: min(DirectRule.maxPatchLength, problem.scratchFloats / DirectRule.tileRows))
    panels = DirectPanels(geometry, packs: DirectRule.packs(geometry))
    (pixelBlocks, panelBlocks) = DirectRule.forwardCut(geometry, panels)
    stages = panels.stages + [pixelBlocks.count * panelBlocks.count]
    scratchFloats = DirectRule.tileRows * (slices.map(\.count).max() ?? 0)
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    if stage < panels.stages.count { return panels.pack(unit, operands) }
    let (pixelBlock, panelBlock) = unit.quotientAndRemainder(dividingBy: panelBlocks.count)
    for part in panels.byGroup(panelBlocks[panelBlock]) {
      for slice in slices {
        multiply(slice, part, pixels: pixelBlocks[pixelBlock], operands, scratch: scratch)
      }
    }
  }

  /// Adds one slice of K to the outputs of some pixels and of some panels of one group.
  private func multiply(
    _ slice: ColumnSlice, _ part: DirectPanels.Part, pixels: Range<Int>, _ operands: PassOperands,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let isFirst = slice == slices.first, isLast = slice == slices.last
    let isRectified = operands.epilogue.activation == .relu
    let output = operands.result + pixels.lowerBound * geometry.outputChannels + part.channels.lowerBound
    withUnsafePointer(to: window) { window in
      var job = ckernels_direct_forward_job(
        window: window,
        block: slice.block(pixels: pixels, firstChannelOfGroup: part.group * geometry.groupInputChannels),
        input: operands.input,
        panels: panels.start(part, row: slice.start(channelsPerTap: geometry.groupInputChannels), operands),
        panel_stride: Int64(panels.stride), panel_row_stride: Int64(panels.rowStride), output: output,
        output_count: Int64(part.channels.count), output_stride: Int64(geometry.outputChannels),
        bias: operands.epilogue.bias.map { $0 + part.channels.lowerBound }, accumulate: isFirst ? 0 : 1,
        function: isLast && isRectified ? ckernels_relu : ckernels_identity, columns: scratch)
      ckernels_direct_forward(&job)
    }
    if isLast && !isRectified {
      Epilogue(activation: operands.epilogue.activation).finish(
        output, rows: pixels.count, channels: part.channels, stride: geometry.outputChannels)
    }
  }
}
