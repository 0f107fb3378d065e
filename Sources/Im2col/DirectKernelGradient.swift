import CKernels

/// Kernel gradient without a column matrix: windows are read in place, pixel after pixel.
///
///     output gradient --packed--> panels [pixels x 32 channels]
///     12 elements of every window, read in place * panels --> up to 12 x 32 sums in registers --> kernel gradient
///
/// A unit owns a slice of K by a block of channels of one group, and a part of the pixels, which it processes
/// a few hundred at a time. If slices and blocks give too few units, the parts give partial sums, which
/// a second stage adds in order.
package struct DirectKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let slices: [ColumnSlice]
  let channelBlocks: EvenCut
  let parts: EvenCut
  let pixelsAtOnce: Int

  package let stages: [Int]
  package let scratchFloats: Int
  package var sharedFloats: Int { partial.floats }

  private let partial: PartialSums

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    let cut = DirectRule.gradientCut(problem)
    self.geometry = geometry
    window = geometry.kernelWindow
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels, atMost: cut.patchLength)
    channelBlocks = EvenCut(geometry.groupOutputChannels, atMost: cut.channels)
    parts = cut.parts
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    let pixelScalars = (slices.map(\.count).max() ?? 0) + DirectRule.roundedUpToPanels(channelBlocks.size)
    pixelsAtOnce = max(1, min(parts.size, DirectRule.maxPixels, problem.scratchFloats / pixelScalars))
    stages = [geometry.groups * slices.count * channelBlocks.count * parts.count] + partial.stages
    scratchFloats = pixelsAtOnce * pixelScalars
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (rest, part) = unit.quotientAndRemainder(dividingBy: parts.count)
    let (outer, sliceIndex) = rest.quotientAndRemainder(dividingBy: slices.count)
    let (group, block) = outer.quotientAndRemainder(dividingBy: channelBlocks.count)
    let (pixels, slice, channels) = (parts[part], slices[sliceIndex], channelBlocks[block])
    let firstChannel = group * geometry.groupOutputChannels + channels.lowerBound
    withUnsafePointer(to: window) { window in
      var job = ckernels_direct_kernel_gradient_job(
        window: window,
        block: slice.block(pixels: pixels, firstChannelOfGroup: group * geometry.groupInputChannels),
        input: operands.input,
        output_gradient: operands.outputGradient + pixels.lowerBound * geometry.outputChannels + firstChannel,
        output_count: Int64(channels.count), output_stride: Int64(geometry.outputChannels),
        kernel_gradient: partial.target(of: part, operands)
          + slice.start(channelsPerTap: geometry.groupInputChannels) * geometry.outputChannels + firstChannel,
        kernel_stride: Int64(geometry.outputChannels), accumulate: partial.accumulates(operands) ? 1 : 0,
        pixels_at_once: Int64(pixelsAtOnce), panels: scratch,
        columns: scratch + pixelsAtOnce * DirectRule.roundedUpToPanels(channelBlocks.size))
      ckernels_direct_kernel_gradient(&job)
    }
  }
}
