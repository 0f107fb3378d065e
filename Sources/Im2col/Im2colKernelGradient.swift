/// Kernel gradient by column matrices.
///
///     input --im2col--> tile [pixels x slice of K], transposed * output gradient [pixels x channels]
///         --> summed in that slice of the kernel gradient
///
/// A unit owns a slice of K, one group, and a part of the pixels. Large kernels are split only by K, which
/// needs no partial sums. Small ones are also split into parts of the pixels, whose partial sums a second
/// stage adds in order.
package struct Im2colKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let gathers: Bool
  let slices: [ColumnSlice]
  let parts: EvenCut
  let tileRows: Int

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats: Int

  /// - Parameter gathers: whether columns are gathered; false only if the convolution is pointwise.
  package init(_ problem: ConvolutionProblem, gathers: Bool) {
    let geometry = problem.geometry
    precondition(gathers || geometry.isPointwise)
    self.gathers = gathers
    let patchLength = geometry.patchLength
    let tile = TileRule.kernelGradientTile(
      pixels: geometry.pixels, patchLength: patchLength, channels: geometry.groupOutputChannels,
      groups: geometry.groups,
      budget: problem.scratchFloats)
    self.geometry = geometry
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels, atMost: tile.patchLength)
    tileRows = tile.rows
    parts = TileRule.parts(pixels: geometry.pixels, units: slices.count * geometry.groups)
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [geometry.groups * slices.count * parts.count] + partial.stages
    sharedFloats = partial.floats
    scratchFloats = gathers ? (slices.map(\.count).max() ?? 0) * min(parts.size, tile.rows) : 0
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (rest, part) = unit.quotientAndRemainder(dividingBy: parts.count)
    let (group, sliceIndex) = rest.quotientAndRemainder(dividingBy: slices.count)
    let slice = slices[sliceIndex]
    let firstChannel = group * geometry.groupOutputChannels
    let gradient =
      partial.target(of: part, operands)
      + slice.start(channelsPerTap: geometry.groupInputChannels) * geometry.outputChannels + firstChannel

    let pixels = parts[part]
    let tiles = EvenCut(pixels.count, atMost: tileRows)
    for tile in 0..<tiles.count {
      let rows = pixels.lowerBound + tiles[tile].lowerBound..<pixels.lowerBound + tiles[tile].upperBound
      BLAS.multiply(
        rows: slice.count, columns: geometry.groupOutputChannels, k: rows.count,
        slice.columns(
          of: geometry, gathers: gathers, group: group, pixels: rows, input: operands.input, scratch: scratch,
          transposed: true),
        BLAS.Matrix(
          operands.outputGradient + rows.lowerBound * geometry.outputChannels + firstChannel,
          rowStride: geometry.outputChannels),
        into: gradient, rowStride: geometry.outputChannels,
        accumulate: tile > 0 || partial.accumulates(operands))
    }
  }
}
