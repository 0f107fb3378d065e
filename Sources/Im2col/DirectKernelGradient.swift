import CKernels

/// Kernel gradient without a column matrix: windows are read in place, pixel after pixel.
///
///     output gradient --packed--> panels [pixels x 32 channels]
///     input --a band, with its padding--> 12 elements of every window, in place * panels
///           --> up to 12 x 32 sums in registers --> kernel gradient
///
/// A unit owns a slice of K by a block of channels of one group, and a part of the bands. If slices and blocks
/// give too few units, the parts give partial sums, which a second stage adds in order.
package struct DirectKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let slices: [ColumnSlice]
  let channelBlocks: EvenCut
  let bands: DirectBands
  /// Parts of the bands.
  let parts: EvenCut
  let pixelsAtOnce: Int

  package let stages: [Int]
  package var scratchFloats: Int { panelScalars + bands.scalars }
  package var sharedFloats: Int { partial.floats }

  private let partial: PartialSums
  /// Scalars of packed output gradients, in whole cache lines.
  private let panelScalars: Int

  package init(_ problem: ConvolutionProblem) {
    let cut = DirectRule.gradientCut(problem)
    geometry = problem.geometry
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels, atMost: cut.patchLength)
    channelBlocks = EvenCut(geometry.groupOutputChannels, atMost: cut.channels)
    let columns = DirectRule.roundedUpToPanels(channelBlocks.size)
    pixelsAtOnce = max(1, min(DirectRule.maxPixels, DirectRule.panelShare(problem) / columns))
    panelScalars = pixelsAtOnce * columns
    (bands, parts) = (cut.bands, cut.parts)
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [geometry.groups * slices.count * channelBlocks.count * parts.count] + partial.stages
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (rest, part) = unit.quotientAndRemainder(dividingBy: parts.count)
    let (outer, sliceIndex) = rest.quotientAndRemainder(dividingBy: slices.count)
    let (group, block) = outer.quotientAndRemainder(dividingBy: channelBlocks.count)
    let (slice, channels) = (slices[sliceIndex], channelBlocks[block])
    let firstChannel = group * geometry.groupOutputChannels + channels.lowerBound
    let target =
      partial.target(of: part, operands)
      + slice.start(channelsPerTap: geometry.groupInputChannels) * geometry.outputChannels + firstChannel
    for index in parts[part] {
      let band = bands.prepare(index, input: operands.input, scratch: scratch + panelScalars)
      withUnsafePointer(to: band.window) { window in
        var job = ckernels_direct_kernel_gradient_job(
          window: window,
          block: slice.block(
            pixels: band.pixels, firstChannelOfGroup: group * geometry.groupInputChannels),
          input: band.input,
          output_gradient: operands.outputGradient + band.firstOutput * geometry.outputChannels
            + firstChannel,
          output_count: Int64(channels.count), output_stride: Int64(geometry.outputChannels),
          kernel_gradient: target, kernel_stride: Int64(geometry.outputChannels),
          accumulate: index > parts[part].lowerBound || partial.accumulates(operands) ? 1 : 0,
          pixels_at_once: Int64(pixelsAtOnce), panels: scratch)
        ckernels_direct_kernel_gradient(&job)
      }
    }
  }
}
