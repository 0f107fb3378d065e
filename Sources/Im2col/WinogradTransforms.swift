import CKernels

/// The five transforms of the tiles of one layer, with Swift ranges for the blocks of the C kernels.
///
///     input            --B' d B--> tiles x inputs       forward: V;  kernel gradient: V
///     kernel           --G g G'--> inputs x outputs     forward: U
///     output gradient  --G g G'--> tiles x outputs      kernel gradient: W
///     V * U            --A' p A--> output
///     V' * W           --A' p A--> kernel gradient
struct WinogradTransforms: Sendable {
  let tile: WinogradTile
  private let tiling: ckernels_tiling

  init(_ geometry: ConvolutionGeometry, _ tile: WinogradTile) {
    self.tile = tile
    let ((rows, columns), grid) = (tile.axes(geometry), tile.grid(geometry))
    let isExchanged = rows != geometry.window.height
    func image(_ size: (AxisGeometry) -> Int, channels: Int) -> ckernels_image {
      let (row, pixel) = (size(geometry.window.width) * channels, channels)
      return ckernels_image(
        rows: Int64(size(rows)), columns: Int64(size(columns)), channels: Int64(channels),
        row_step: Int64(isExchanged ? pixel : row), column_step: Int64(isExchanged ? row : pixel))
    }
    tiling = ckernels_tiling(
      m: Int64(tile.outputs), r: Int64(tile.kernel), is_line: tile.isLine ? 1 : 0,
      input: image(\.input, channels: geometry.inputChannels),
      output: image(\.output, channels: geometry.outputChannels),
      kernel_inputs: Int64(geometry.groupInputChannels),
      pad_rows: Int64(rows.before), pad_columns: Int64(columns.before),
      dilation_rows: Int64(rows.dilation), dilation_columns: Int64(columns.dilation),
      tiles_down: Int64(grid.down), tiles_across: Int64(grid.across))
  }

  /// Transforms tiles of the input, `[batch, height, width, inputs]`.
  func input(
    tiles: Range<Int>, channels: Range<Int>, _ input: UnsafePointer<Float>, into points: WinogradPoints
  ) {
    call(tiles, channels, points) { ckernels_winograd_input($0, $1, input, $2) }
  }

  /// Transforms a block of the kernel, `[taps, inputs of a group, outputs]`.
  func kernel(
    inputs: Range<Int>, outputs: Range<Int>, _ kernel: UnsafePointer<Float>, into points: WinogradPoints
  ) {
    call(inputs, outputs, points) { ckernels_winograd_kernel($0, $1, kernel, $2) }
  }

  /// Transforms tiles of the output gradient, `[batch, height, width, outputs]`.
  func outputGradient(
    tiles: Range<Int>, channels: Range<Int>, _ gradient: UnsafePointer<Float>, into points: WinogradPoints
  ) {
    call(tiles, channels, points) { ckernels_winograd_gradient($0, $1, gradient, $2) }
  }

  /// Transforms products to tiles of the output, and applies bias and activation.
  func output(tiles: Range<Int>, channels: Range<Int>, of points: WinogradPoints, _ operands: PassOperands) {
    var finish = ckernels_winograd_finish(
      bias: operands.epilogue.bias, activation: operands.epilogue.activation.kernelFunction)
    call(tiles, channels, points) { ckernels_winograd_output($0, $1, $2, &finish, operands.result) }
  }

  /// Transforms products to a block of the kernel gradient.
  func kernelGradient(
    inputs: Range<Int>, outputs: Range<Int>, of points: WinogradPoints, accumulate: Bool,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    call(inputs, outputs, points) {
      ckernels_winograd_kernel_gradient($0, $1, $2, accumulate ? 1 : 0, gradient)
    }
  }

  private func call(
    _ rows: Range<Int>, _ channels: Range<Int>, _ points: WinogradPoints,
    _ transform: (
      UnsafePointer<ckernels_tiling>, UnsafePointer<ckernels_winograd_block>,
      UnsafePointer<ckernels_transformed>
    ) -> Void
  ) {
    var block = ckernels_winograd_block(
      first_row: Int64(rows.lowerBound), row_count: Int64(rows.count),
      first_channel: Int64(channels.lowerBound), channel_count: Int64(channels.count))
    let isAligned = Int(bitPattern: points.start) % 64 == 0 && points.rowStep % CacheLine.floats == 0
    var points = ckernels_transformed(
      start: points.start, position_step: Int64(points.positionStep), row_step: Int64(points.rowStep),
      streams: points.streams && isAligned ? 1 : 0)
    withUnsafePointer(to: tiling) { transform($0, &block, &points) }
  }
}
