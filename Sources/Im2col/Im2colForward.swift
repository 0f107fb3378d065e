/// Forward pass by column matrices: a tile of columns is gathered, then multiplied while it is in cache.
///
///     input --im2col--> tile [rows x K] * kernel [K x outputChannels] --> output rows, bias, activation
///
/// A unit is a tile of output pixels of one group, and a block of its output channels if there are too few
/// such tiles. If a row of the column matrix exceeds the budget, K is split into slices that are summed in
/// the output. `gemm` multiplies the input of a pointwise convolution, which is its own column matrix.
package struct Im2colForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let gathers: Bool
  let slices: [ColumnSlice]
  let tiles: EvenCut
  let channelBlocks: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats = 0

  /// - Parameter gathers: whether columns are gathered; false only if the convolution is pointwise.
  package init(_ problem: ConvolutionProblem, gathers: Bool) {
    let geometry = problem.geometry
    precondition(gathers || geometry.isPointwise)
    self.gathers = gathers
    let patchLength = geometry.patchLength
    let tile = TileRule.tile(
      pixels: geometry.pixels, patchLength: patchLength, outputChannels: geometry.groupOutputChannels,
      budget: problem.scratchFloats)
    self.geometry = geometry
    tiles = EvenCut(geometry.pixels, atMost: tile.rows)
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels,
      atMost: gathers ? tile.patchLength : patchLength)
    let wantedBlocks = max(1, TileRule.wantedUnits / max(1, tiles.count * geometry.groups))
    channelBlocks = EvenCut(
      geometry.groupOutputChannels,
      atMost: max(TileRule.minBlockChannels, (geometry.groupOutputChannels + wantedBlocks - 1) / wantedBlocks)
    )
    stages = [geometry.groups * tiles.count * channelBlocks.count]
    scratchFloats = gathers ? tiles.size * (slices.map(\.count).max() ?? 0) : 0
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (rest, block) = unit.quotientAndRemainder(dividingBy: channelBlocks.count)
    let (group, tile) = rest.quotientAndRemainder(dividingBy: tiles.count)
    let (pixels, channels) = (tiles[tile], channelBlocks[block])
    let firstChannel = group * geometry.groupOutputChannels + channels.lowerBound
    let output = operands.result + pixels.lowerBound * geometry.outputChannels + firstChannel

    for slice in slices {
      let k = slice.start(channelsPerTap: geometry.groupInputChannels)
      BLAS.multiply(
        rows: pixels.count, columns: channels.count, k: slice.count,
        slice.columns(
          of: geometry, gathers: gathers, group: group, pixels: pixels, input: operands.input,
          scratch: scratch),
        BLAS.Matrix(
          operands.kernel + k * geometry.outputChannels + firstChannel, rowStride: geometry.outputChannels),
        into: output, rowStride: geometry.outputChannels, accumulate: k > 0)
    }
    operands.epilogue.finish(
      output, rows: pixels.count, channels: firstChannel..<firstChannel + channels.count,
      stride: geometry.outputChannels)
  }
}
