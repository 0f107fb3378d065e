/// How large the tiles of a product are. The numbers follow OpenBLAS' own limits and timings of sgemm at
/// such shapes (`bench gemm`); none depends on how many workers there are.
package enum TileRule {
  /// OpenBLAS multiplies up to this many patchLength without packing, on one thread and without a lock:
  /// twice as fast for thin products (`interface/gemm.c`, "small matrix optimization").
  package static let smallProduct = 1_000_000

  /// Fewer rows than this do not keep the small path busy.
  static let minSmallRows = 64

  /// Rows that make the packing of the kernel (once a call) small beside the product.
  static let packedRows = 192

  /// More rows than this gain nothing and leave less to share between workers.
  static let maxRows = 512

  /// Cutting K below this makes the result's traffic outweigh the product.
  static let shortestSlice = 64

  /// A layer is cut into at least this many units where it is large enough, so that workers end together.
  static let wantedUnits = 8

  /// Fewer output channels than this a unit are not worth repeating im2col for.
  static let narrowestBlock = 64

  /// Rows and length of the tile of columns for `pixels x patchLength` times `patchLength x columns`.
  ///
  /// - Parameters:
  ///   - budget: scalars that a tile may have.
  /// - Returns: at most `budget` scalars, at least one row of one term.
  static func tile(pixels: Int, patchLength: Int, columns: Int, budget: Int) -> (rows: Int, patchLength: Int)
  {
    let whole = budget / patchLength
    let small = smallProduct / max(1, patchLength * columns)
    if small >= minSmallRows, whole >= minSmallRows {
      return (min(pixels, whole, small), patchLength)
    }
    if whole >= packedRows { return (min(pixels, whole, maxRows), patchLength) }
    if whole >= pixels { return (pixels, patchLength) }
    let slice = min(patchLength, max(shortestSlice, budget / min(packedRows, pixels)), budget)
    return (max(1, min(pixels, budget / slice, maxRows)), slice)
  }
}

extension TileRule {
  /// Columns and product of a channels-by-pixels tile stay in a core's first two cache levels.
  static let channelRowsScalars = 40_000

  /// Pixels and length of the tile of columns for `channels x patchLength` times `patchLength x pixels`.
  ///
  /// - Parameters:
  ///   - alongside: further scalars that every pixel takes from the budget.
  ///   - budget: scalars that a tile may have.
  static func channelRowsTile(
    pixels: Int, patchLength: Int, channels: Int, alongside: Int, budget: Int
  ) -> (pixels: Int, patchLength: Int) {
    let whole = min(budget, max(channelRowsScalars, patchLength * minSmallRows)) / (patchLength + alongside)
    let small = smallProduct / max(1, patchLength * channels)
    if whole >= minSmallRows, small >= minSmallRows { return (min(pixels, whole, small), patchLength) }
    if whole >= min(pixels, minSmallRows) { return (min(pixels, whole), patchLength) }
    let slice = max(1, min(patchLength, budget / minSmallRows - alongside))
    return (max(1, min(pixels, budget / (slice + alongside))), slice)
  }
}

extension TileRule {
  /// Rows that OpenBLAS takes in one go when the pixels are the sum's patchLength.
  static let gradientRows = 320

  /// Scalars of a group's kernel up to which partial sums cost less than thin slices.
  static let smallKernel = 65_536

  /// A part of the pixels is not worth a partial sum of its own below this.
  static let minPartPixels = 1_024

  /// Rows and length of the tile of columns for the kernel's gradient, `patchLength x pixels` times
  /// `pixels x channels`.
  static func kernelGradientTile(
    pixels: Int, patchLength: Int, channels: Int, groups: Int, budget: Int
  ) -> (rows: Int, patchLength: Int) {
    let small = smallProduct / max(1, patchLength * channels)
    if small >= minSmallRows, budget / patchLength >= minSmallRows {
      return (max(1, min(pixels, small, budget / patchLength)), patchLength)
    }
    let rows = max(1, min(pixels, gradientRows))
    let unitsFromGroups = max(1, wantedUnits / groups)
    // A small kernel is rather summed in parts of pixels than cut.
    let shared =
      patchLength * channels <= smallKernel
      ? patchLength : max(packedRows, (patchLength + unitsFromGroups - 1) / unitsFromGroups)
    let slice = max(1, min(patchLength, shared, max(shortestSlice, budget / rows), budget))
    return (max(1, min(rows, budget / slice)), slice)
  }

  /// Parts of the pixels where slices and groups alone give too few units.
  static func parts(pixels: Int, units: Int) -> EvenCut {
    parts(total: pixels, units: units, atLeast: minPartPixels)
  }

  /// Parts of at least `minimum` things each, as many as give the wanted number of units.
  static func parts(total: Int, units: Int, atLeast minimum: Int) -> EvenCut {
    let wanted = max(1, min(wantedUnits / max(1, units), total / max(1, minimum)))
    return EvenCut(total, atMost: (total + wanted - 1) / wanted)
  }
}
