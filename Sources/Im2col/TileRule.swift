/// The sizes of the tiles of a product.
///
/// The constants follow limits of OpenBLAS and timings of sgemm at such shapes (`bench gemm`). None depends
/// on the number of workers.
package enum TileRule {
  /// OpenBLAS computes products of up to this number of multiplications without packing, on one thread and
  /// without a lock, which is twice as fast for thin products (`interface/gemm.c`, "small matrix
  /// optimization").
  package static let smallProduct = 1_000_000

  /// The minimum number of rows for which the small path is efficient.
  static let minSmallRows = 64

  /// The number of rows that amortizes packing the kernel, once per call.
  static let packedRows = 192

  /// The maximum number of rows; more gain nothing and leave fewer units for the workers.
  static let maxRows = 512

  /// The minimum length of a slice of K; below it, the traffic of the result outweighs the product.
  static let minSlice = 64

  /// The number of units that a large enough layer is split into at least, so that workers finish together.
  static let wantedUnits = 8

  /// The minimum number of output channels of a unit that amortizes repeating im2col.
  static let minBlockChannels = 64

  /// Returns the rows and the length of the tile of columns for `pixels x patchLength` times
  /// `patchLength x columns`.
  ///
  /// - Parameters:
  ///   - budget: the maximum number of scalars of a tile.
  /// - Returns: a tile of at most `budget` scalars, at least 1 x 1.
  static func tile(pixels: Int, patchLength: Int, columns: Int, budget: Int) -> (rows: Int, patchLength: Int)
  {
    let whole = budget / patchLength
    let small = smallProduct / max(1, patchLength * columns)
    if small >= minSmallRows, whole >= minSmallRows {
      return (min(pixels, whole, small), patchLength)
    }
    if whole >= packedRows { return (min(pixels, whole, maxRows), patchLength) }
    if whole >= pixels { return (pixels, patchLength) }
    let slice = min(patchLength, max(minSlice, budget / min(packedRows, pixels)), budget)
    return (max(1, min(pixels, budget / slice, maxRows)), slice)
  }
}

extension TileRule {
  /// Scalars of columns and product of a channels-by-pixels tile, which stay in the first two cache levels.
  static let channelRowsScalars = 40_000

  /// Returns the pixels and the length of the tile of columns for `channels x patchLength` times
  /// `patchLength x pixels`.
  ///
  /// - Parameters:
  ///   - alongside: additional scalars of the budget per pixel.
  ///   - budget: the maximum number of scalars of a tile.
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
  /// The K that OpenBLAS multiplies without splitting the sum, when K runs over pixels.
  static let gradientRows = 320

  /// The maximum number of scalars of the kernel of a group for which partial sums cost less than thin
  /// slices.
  static let smallKernel = 65_536

  /// The minimum number of pixels that amortizes a partial sum.
  static let minPartPixels = 1_024

  /// Returns the rows and the length of the tile of columns for the kernel gradient, `patchLength x pixels`
  /// times `pixels x channels`.
  static func kernelGradientTile(
    pixels: Int, patchLength: Int, channels: Int, groups: Int, budget: Int
  ) -> (rows: Int, patchLength: Int) {
    let small = smallProduct / max(1, patchLength * channels)
    if small >= minSmallRows, budget / patchLength >= minSmallRows {
      return (max(1, min(pixels, small, budget / patchLength)), patchLength)
    }
    let rows = max(1, min(pixels, gradientRows))
    let unitsFromGroups = max(1, wantedUnits / groups)
    // A small kernel is split into parts of the pixels, not into slices.
    let shared =
      patchLength * channels <= smallKernel
      ? patchLength : max(packedRows, (patchLength + unitsFromGroups - 1) / unitsFromGroups)
    let slice = max(1, min(patchLength, shared, max(minSlice, budget / rows), budget))
    return (max(1, min(rows, budget / slice)), slice)
  }

  /// Returns parts of the pixels for the case that slices and groups alone give too few units.
  static func parts(pixels: Int, units: Int) -> EvenCut {
    parts(total: pixels, units: units, atLeast: minPartPixels)
  }

  /// Returns parts of at least `minimum` elements each, which together with `units` give the wanted number.
  static func parts(total: Int, units: Int, atLeast minimum: Int) -> EvenCut {
    let wanted = max(1, min(wantedUnits / max(1, units), total / max(1, minimum)))
    return EvenCut(total, atMost: (total + wanted - 1) / wanted)
  }
}
