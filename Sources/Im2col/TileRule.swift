/// How large the tiles of a product are. The numbers follow OpenBLAS' own limits and timings of sgemm at
/// such shapes (`bench gemm`); none depends on how many workers there are.
package enum TileRule {
  /// OpenBLAS multiplies up to this many terms without packing, on one thread and without a lock:
  /// twice as fast for thin products (`interface/gemm.c`, "small matrix optimisation").
  package static let smallProduct = 1_000_000

  /// Fewer rows than this do not keep the small path busy.
  static let fewestSmallRows = 64

  /// Rows that make the packing of the kernel (once a call) small beside the product.
  static let packedRows = 192

  /// More rows than this gain nothing and leave less to share between workers.
  static let mostRows = 512

  /// Cutting K below this makes the result's traffic outweigh the product.
  static let shortestSlice = 64

  /// A layer is cut into at least this many units where it is large enough, so that workers end together.
  static let wantedUnits = 8

  /// Fewer output channels than this a unit are not worth repeating im2col for.
  static let narrowestBlock = 64

  /// Rows and length of the tile of columns for `pixels x terms` times `terms x columns`.
  ///
  /// - Parameters:
  ///   - budget: scalars that a tile may have.
  /// - Returns: at most `budget` scalars, at least one row of one term.
  static func tile(pixels: Int, terms: Int, columns: Int, budget: Int) -> (rows: Int, terms: Int) {
    let whole = budget / terms
    let small = smallProduct / max(1, terms * columns)
    if small >= fewestSmallRows, whole >= fewestSmallRows {
      return (min(pixels, whole, small), terms)
    }
    if whole >= packedRows { return (min(pixels, whole, mostRows), terms) }
    if whole >= pixels { return (pixels, terms) }
    let slice = min(terms, max(shortestSlice, budget / min(packedRows, pixels)), budget)
    return (max(1, min(pixels, budget / slice, mostRows)), slice)
  }
}

extension TileRule {
  /// Columns and product of a channels-by-pixels tile stay in a core's first two cache levels.
  static let channelRowsScalars = 40_000

  /// Pixels and length of the tile of columns for `channels x terms` times `terms x pixels`.
  ///
  /// - Parameters:
  ///   - alongside: further scalars that every pixel takes from the budget.
  ///   - budget: scalars that a tile may have.
  static func channelRowsTile(
    pixels: Int, terms: Int, channels: Int, alongside: Int, budget: Int
  ) -> (pixels: Int, terms: Int) {
    let whole = min(budget, max(channelRowsScalars, terms * fewestSmallRows)) / (terms + alongside)
    let small = smallProduct / max(1, terms * channels)
    if whole >= fewestSmallRows, small >= fewestSmallRows { return (min(pixels, whole, small), terms) }
    if whole >= min(pixels, fewestSmallRows) { return (min(pixels, whole), terms) }
    let slice = max(1, min(terms, budget / fewestSmallRows - alongside))
    return (max(1, min(pixels, budget / (slice + alongside))), slice)
  }
}

extension TileRule {
  /// Rows that OpenBLAS takes in one go when the pixels are the sum's terms.
  static let gradientRows = 320

  /// Scalars of a group's kernel up to which partial sums cost less than thin slices.
  static let smallKernel = 65_536

  /// A shard of the pixels is not worth a partial sum of its own below this.
  static let fewestShardPixels = 1_024

  /// Rows and length of the tile of columns for the kernel's gradient, `terms x pixels` times
  /// `pixels x channels`.
  static func kernelGradientTile(
    pixels: Int, terms: Int, channels: Int, groups: Int, budget: Int
  ) -> (rows: Int, terms: Int) {
    let small = smallProduct / max(1, terms * channels)
    if small >= fewestSmallRows, budget / terms >= fewestSmallRows {
      return (max(1, min(pixels, small, budget / terms)), terms)
    }
    let rows = max(1, min(pixels, gradientRows))
    let unitsFromGroups = max(1, wantedUnits / groups)
    // A small kernel is rather summed in shards of pixels than cut.
    let shared =
      terms * channels <= smallKernel
      ? terms : max(packedRows, (terms + unitsFromGroups - 1) / unitsFromGroups)
    let slice = max(1, min(terms, shared, max(shortestSlice, budget / rows), budget))
    return (max(1, min(rows, budget / slice)), slice)
  }

  /// Shards of the pixels where slices and groups alone give too few units.
  static func shards(pixels: Int, units: Int) -> EvenCut {
    shards(total: pixels, units: units, fewest: fewestShardPixels)
  }

  /// Shards of at least `fewest` things each, as many as give the wanted number of units.
  static func shards(total: Int, units: Int, fewest: Int) -> EvenCut {
    let wanted = max(1, min(wantedUnits / max(1, units), total / max(1, fewest)))
    return EvenCut(total, atMost: (total + wanted - 1) / wanted)
  }
}
