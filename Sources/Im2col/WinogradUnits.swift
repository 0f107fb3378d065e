/// How the transforms and products of shared blocks are cut into units: small enough that workers end a stage
/// together.
enum WinogradUnits {
  /// Tiles that are transformed together.
  static func tiles(_ count: Int) -> EvenCut { EvenCut(count, atMost: 8) }

  /// Rows of a kernel, or of its gradient, that are transformed together.
  static func kernelRows(_ count: Int) -> EvenCut { EvenCut(count, atMost: 32) }

  /// Tiles of one position's product: half of a run, so that a worker goes with the same ones from stage to stage.
  static func productTiles(_ count: Int) -> EvenCut { EvenCut(count, atMost: WinogradRule.tilesInRun / 2) }

  /// Rows of one position's product of the kernel's gradient.
  static func productRows(_ count: Int) -> EvenCut { EvenCut(count, atMost: 128) }

  /// One position of `left * right`, in stretches of k so short that OpenBLAS multiplies them without packing:
  /// that would read each factor once more, for sums that are too few to earn it.
  static func multiply(
    rows: Int, columns: Int, k: Int, position: Int, leftTransposed: Bool = false, _ left: WinogradPoints,
    _ right: WinogradPoints, into product: WinogradPoints, accumulate: Bool = false
  ) {
    let stretches = EvenCut(k, atMost: TileRule.smallProduct / (rows * columns))
    for index in 0..<stretches.count {
      let stretch = stretches[index]
      let first = stretch.lowerBound
      BLAS.multiply(
        rows: rows, columns: columns, k: stretch.count,
        (leftTransposed ? left.from(row: first) : left.from(row: 0, channel: first))
          .matrix(position, transposed: leftTransposed),
        right.from(row: first).matrix(position), into: product.start + position * product.positionStep,
        rowStride: product.rowStep, accumulate: accumulate || index > 0)
    }
  }
}
