import CKernels

/// Forward pass for few output channels: the product is computed as channels by pixels, so that the long side
/// fills the vector lanes, and then transposed into pixels by channels unless the layout is channels by
/// pixels.
///
///     input --im2col--> tile [K x pixels]
///     kernel, transposed [outputChannels x K] * tile --> [outputChannels x pixels] --transposed--> output
package struct ChannelRowsForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let layout: PixelLayout
  let window: ckernels_window
  let slices: [ColumnSlice]
  let tiles: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats = 0
  package var loweringName: LoweringName { .im2col }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(geometry.groups == 1)
    let (patchLength, channels) = (geometry.patchLength, geometry.outputChannels)
    // The product of a tile shares the budget with its columns.
    let product = settings.layout == .pixelsByChannels ? channels : 0
    let tile = TileRule.channelRowsTile(
      pixels: geometry.pixels, patchLength: patchLength, channels: channels, alongside: product,
      budget: settings.scratchFloats)
    self.geometry = geometry
    layout = settings.layout
    window = geometry.kernelWindow
    tiles = EvenCut(geometry.pixels, atMost: tile.pixels)
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.inputChannels, atMost: tile.patchLength)
    stages = [tiles.count]
    scratchFloats = tiles.size * ((slices.map(\.count).max() ?? 0) + product)
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let pixels = tiles[unit]
    let channels = geometry.outputChannels
    let transposed = layout == .pixelsByChannels
    let columns = scratch + (transposed ? pixels.count * channels : 0)
    let product = transposed ? scratch : operands.result + pixels.lowerBound
    let productStride = transposed ? pixels.count : geometry.pixels

    for slice in slices {
      let k = slice.start(channelsPerTap: geometry.inputChannels)
      withUnsafePointer(to: window) { window in
        var block = slice.block(pixels: pixels, firstChannelOfGroup: 0)
        ckernels_im2col_taps(window, &block, operands.input, columns)
      }
      BLAS.multiply(
        rows: channels, columns: pixels.count, k: slice.count,
        BLAS.Matrix(operands.kernel + k * channels, rowStride: channels, transposed: true),
        BLAS.Matrix(columns, rowStride: pixels.count),
        into: product, rowStride: productStride, accumulate: k > 0)
    }
    ckernels_finish_channels(
      product, Int64(channels), Int64(pixels.count), Int64(productStride), operands.bias,
      operands.activation.kernelFunction)
    if transposed {
      ckernels_transpose(
        product, Int64(channels), Int64(pixels.count), Int64(productStride),
        operands.result + pixels.lowerBound * channels, Int64(channels))
    }
  }
}
