/// Splits the transforms and products of shared blocks into units, small enough that workers finish a stage
/// together.
enum WinogradUnits {
  /// Returns the tiles that are transformed together.
  static func tiles(_ count: Int) -> EvenCut { EvenCut(count, atMost: 8) }

  /// Returns the rows of a kernel that are transformed together.
  static func kernelRows(_ count: Int) -> EvenCut { EvenCut(count, atMost: 32) }

  /// Computes one position of `left * right`, in slices of k that OpenBLAS multiplies without packing,
  /// because packing would read each factor once more without enough reuse.
  static func multiply(
    rows: Int, columns: Int, k: Int, position: Int, leftTransposed: Bool = false, _ left: WinogradPoints,
    _ right: WinogradPoints, into product: WinogradPoints, accumulate: Bool = false
  ) {
    let slices = EvenCut(k, atMost: TileRule.smallProduct / (rows * columns))
    for index in 0..<slices.count {
      let slice = slices[index]
      let first = slice.lowerBound
      BLAS.multiply(
        rows: rows, columns: columns, k: slice.count,
        (leftTransposed ? left.from(row: first) : left.from(row: 0, channel: first))
          .matrix(position, transposed: leftTransposed),
        right.from(row: first).matrix(position), into: product.start + position * product.positionStep,
        rowStride: product.rowStep, accumulate: accumulate || index > 0)
    }
  }
}
