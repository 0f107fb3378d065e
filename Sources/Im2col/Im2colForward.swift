import CKernels

/// Forward pass by column matrices: a tile of columns is gathered, then multiplied while it is in cache.
///
///     input --im2col--> tile [rows x K] * kernel [K x outputChannels] --> output rows, bias, activation
///
/// A unit is a tile of output pixels of one group, and a block of its output channels if there are too few
/// such tiles. If a row of the column matrix exceeds the budget, K is split into slices that are summed in
/// the output. A 1x1 kernel at stride 1 multiplies the input, which is its own column matrix.
package struct Im2colForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let slices: [ColumnSlice]
  let tiles: EvenCut
  let channelBlocks: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats = 0
  package var loweringName: LoweringName { geometry.isPointwise ? .gemm : .im2col }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(settings.layout == .pixelsByChannels)
    let patchLength = geometry.patchLength
    let tile = TileRule.tile(
      pixels: geometry.pixels, patchLength: patchLength, outputChannels: geometry.groupOutputChannels,
      budget: settings.scratchFloats)
    self.geometry = geometry
    window = geometry.kernelWindow
    tiles = EvenCut(geometry.pixels, atMost: tile.rows)
    slices =
      geometry.isPointwise
      ? ColumnSlice.cut(taps: 1, channels: 0..<patchLength, atMost: patchLength)
      : ColumnSlice.cut(
        taps: geometry.window.taps, channels: 0..<geometry.groupInputChannels, atMost: tile.patchLength)
    let wantedBlocks = max(1, TileRule.wantedUnits / max(1, tiles.count * geometry.groups))
    channelBlocks = EvenCut(
      geometry.groupOutputChannels,
      atMost: max(TileRule.minBlockChannels, (geometry.groupOutputChannels + wantedBlocks - 1) / wantedBlocks)
    )
    stages = [geometry.groups * tiles.count * channelBlocks.count]
    scratchFloats = geometry.isPointwise ? 0 : tiles.size * (slices.map(\.count).max() ?? 0)
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
        columns(of: slice, group: group, pixels: pixels, input: operands.input, scratch: scratch),
        BLAS.Matrix(
          operands.kernel + k * geometry.outputChannels + firstChannel, rowStride: geometry.outputChannels),
        into: output, rowStride: geometry.outputChannels, accumulate: k > 0)
    }
    ckernels_finish_rows(
      output, Int64(pixels.count), Int64(channels.count), Int64(geometry.outputChannels),
      operands.bias.map { $0 + firstChannel }, operands.activation.kernelFunction)
  }

  /// Returns the factor `[pixels, slice]`: gathered into scratch, or the input if it is its own column
  /// matrix.
  private func columns(
    of slice: ColumnSlice, group: Int, pixels: Range<Int>, input: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) -> BLAS.Matrix {
    let firstOfGroup = group * geometry.groupInputChannels
    if geometry.isPointwise {
      return BLAS.Matrix(
        input + pixels.lowerBound * geometry.inputChannels + firstOfGroup, rowStride: geometry.inputChannels)
    }
    withUnsafePointer(to: window) { window in
      var block = slice.block(pixels: pixels, firstChannelOfGroup: firstOfGroup)
      ckernels_im2col_pixels(window, &block, input, scratch)
    }
    return BLAS.Matrix(scratch, rowStride: slice.count)
  }
}
