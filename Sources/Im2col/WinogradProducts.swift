extension ChannelSlab {
  /// Computes the products of some tiles and inputs at all positions: `V * U`, or `V' * W` if `transposed`.
  ///
  /// Sums are split into slices that OpenBLAS multiplies without packing, because packing would read each
  /// factor once more without enough reuse.
  ///
  /// - Parameters:
  ///   - inputs: the inputs of each group.
  ///   - input: V, from the first input of the slab on.
  ///   - factor: U, `[position][inputs x outputs]`, or W, `[position][tiles x outputs]`.
  ///   - product: `[position][tiles x outputs]`, or `[position][inputs x outputs]`.
  func multiply(
    _ tile: WinogradTile, tiles: Int, inputs: Range<Int>, _ input: WinogradPoints, _ factor: WinogradPoints,
    into product: WinogradPoints, transposed: Bool = false, accumulate: Bool
  ) {
    let (rows, k) = transposed ? (inputs.count, tiles) : (tiles, inputs.count)
    let slices = EvenCut(k, atMost: TileRule.smallProduct / (rows * groupOutputs)).ranges
    for position in 0..<tile.positions {
      for group in 0..<groups {
        let first = group * groupInputs + inputs.lowerBound
        let (output, result) = (group * groupOutputs, product.from(row: 0, channel: group * groupOutputs))
        for slice in slices {
          let left =
            transposed
            ? input.from(row: slice.lowerBound, channel: first)
            : input.from(row: 0, channel: first + slice.lowerBound)
          BLAS.multiply(
            rows: rows, columns: groupOutputs, k: slice.count, left.matrix(position, transposed: transposed),
            factor.from(row: slice.lowerBound, channel: output).matrix(position),
            into: result.start + position * product.positionStep, rowStride: product.rowStep,
            accumulate: accumulate || slice.lowerBound > 0)
        }
      }
    }
  }
}
