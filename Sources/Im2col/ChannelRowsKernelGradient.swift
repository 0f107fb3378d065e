import CKernels

/// Kernel gradient for one input channel and few output channels: columns and output gradient are both stored
/// as rows of pixels, and each element of the small result is one long dot product.
///
///     input --im2col--> tile [K x pixels] * output gradient [channels x pixels], transposed
///         --> summed in the kernel gradient [K x channels]
package struct ChannelRowsKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let layout: PixelLayout
  let window: ckernels_window
  let slices: [ColumnSlice]
  let parts: EvenCut
  let tilePixels: Int

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats: Int
  package var loweringName: LoweringName { .im2col }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(geometry.groups == 1)
    let transposed = settings.layout == .pixelsByChannels ? geometry.outputChannels : 0
    let tile = TileRule.channelRowsTile(
      pixels: geometry.pixels, patchLength: geometry.patchLength, channels: geometry.outputChannels,
      alongside: transposed, budget: settings.scratchFloats)
    self.geometry = geometry
    layout = settings.layout
    window = geometry.kernelWindow
    slices = ColumnSlice.cut(
      taps: geometry.window.taps, channels: 0..<geometry.inputChannels, atMost: tile.patchLength)
    parts = TileRule.parts(pixels: geometry.pixels, units: 1)
    tilePixels = tile.pixels
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
    sharedFloats = partial.floats
    scratchFloats =
      min(parts.size, tile.pixels) * ((slices.map(\.count).max() ?? 0) + transposed)
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let channels = geometry.outputChannels
    let gradient = partial.target(of: unit, operands)
    let pixels = parts[unit]
    let tiles = EvenCut(pixels.count, atMost: tilePixels)
    for tile in 0..<tiles.count {
      let rows = pixels.lowerBound + tiles[tile].lowerBound..<pixels.lowerBound + tiles[tile].upperBound
      let (outputGradient, columns) = outputGradient(rows, operands.outputGradient, scratch: scratch)
      for slice in slices {
        withUnsafePointer(to: window) { window in
          var block = slice.block(pixels: rows, firstChannelOfGroup: 0)
          ckernels_im2col_taps(window, &block, operands.input, columns)
        }
        BLAS.multiply(
          rows: slice.count, columns: channels, k: rows.count,
          BLAS.Matrix(columns, rowStride: rows.count), outputGradient,
          into: gradient + slice.start(channelsPerTap: geometry.inputChannels) * channels,
          rowStride: channels, accumulate: tile > 0 || partial.accumulates(operands))
      }
    }
  }

  /// Returns the transpose of `[channels, pixels]`, and the scratch after it.
  private func outputGradient(
    _ pixels: Range<Int>, _ gradient: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> (BLAS.Matrix, UnsafeMutablePointer<Float>) {
    let channels = geometry.outputChannels
    guard layout == .pixelsByChannels else {
      return (
        BLAS.Matrix(gradient + pixels.lowerBound, rowStride: geometry.pixels, transposed: true), scratch
      )
    }
    ckernels_transpose(
      gradient + pixels.lowerBound * channels, Int64(pixels.count), Int64(channels), Int64(channels), scratch,
      Int64(pixels.count))
    return (
      BLAS.Matrix(scratch, rowStride: pixels.count, transposed: true), scratch + pixels.count * channels
    )
  }
}
