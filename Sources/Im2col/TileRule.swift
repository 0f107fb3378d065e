/// The sizes of the tiles of a product.
///
/// The constants follow limits of OpenBLAS and timings of sgemm at such shapes (`bench gemm`). None depends
/// on the number of workers.
package enum TileRule {
  /// OpenBLAS's AVX-512 kernels compute products of up to 100^3 multiplications without packing, on one
  /// thread and without a lock, which is twice as fast for products with few rows
  /// (`kernel/x86_64/sgemm_small_kernel_permit_skylakex.c`). Its other kernels have no such path; for them
  /// the limit only sets the size of tiles.
  package static let smallProduct = 1_000_000

  /// The minimum number of rows for which OpenBLAS's path for small products is efficient.
  static let minSmallRows = 64

  /// The number of rows that amortizes packing the kernel, which each call repeats.
  static let packedRows = 192

  /// The maximum number of rows; more rows gain nothing and leave fewer units for the workers.
  static let maxRows = 512

  /// The minimum length of a slice of K; below it, the traffic of the result outweighs the product.
  static let minSlice = 64

  /// The minimum number of units of a large layer, so that workers finish together.
  static let wantedUnits = 8

  /// The minimum number of output channels of a unit that amortizes repeating im2col.
  static let minBlockChannels = 64

  /// Returns the number of rows and the patch length of a tile of the column matrix, for the product
  /// `pixels x patchLength` times `patchLength x outputChannels`.
  ///
  /// - Parameters:
  ///   - budget: the maximum number of scalars of a tile.
  /// - Returns: a tile of at most `budget` scalars, at least 1 x 1.
  static func tile(
    pixels: Int, patchLength: Int, outputChannels: Int, budget: Int
  ) -> (rows: Int, patchLength: Int) {
    let whole = budget / patchLength
    let small = smallProduct / max(1, patchLength * outputChannels)
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
  /// The longest sum that OpenBLAS computes without splitting it (`SGEMM_DEFAULT_Q` of its AVX-512 kernels).
  static let blasSumLength = 320

  /// The maximum number of scalars of the kernel of a group for which partial sums cost less than
  /// slices of fewer rows.
  static let smallKernel = 65_536

  /// The minimum number of pixels that amortizes a partial sum.
  static let minPartPixels = 1_024

  /// Returns the number of rows and the patch length of a tile of the column matrix for the kernel gradient,
  /// `patchLength x pixels` times `pixels x channels`.
  static func kernelGradientTile(
    pixels: Int, patchLength: Int, channels: Int, groups: Int, budget: Int
  ) -> (rows: Int, patchLength: Int) {
    let small = smallProduct / max(1, patchLength * channels)
    if small >= minSmallRows, budget / patchLength >= minSmallRows {
      return (max(1, min(pixels, small, budget / patchLength)), patchLength)
    }
    let rows = max(1, min(pixels, blasSumLength))
    let unitsFromGroups = max(1, wantedUnits / groups)
    // A small kernel is split into parts of the pixels, not into slices.
    let shared =
      patchLength * channels <= smallKernel
      ? patchLength : max(packedRows, (patchLength + unitsFromGroups - 1) / unitsFromGroups)
    let slice = max(1, min(patchLength, shared, max(minSlice, budget / rows), budget))
    return (max(1, min(rows, budget / slice)), slice)
  }

  /// Returns parts of the pixels; more than one if slices and groups give too few units.
  static func parts(pixels: Int, units: Int) -> EvenCut {
    parts(total: pixels, units: units, atLeast: minPartPixels)
  }

  /// Returns parts of at least `minimum` elements each, which together with `units` give the wanted number.
  static func parts(total: Int, units: Int, atLeast minimum: Int) -> EvenCut {
    let wanted = max(1, min(wantedUnits / max(1, units), total / max(1, minimum)))
    return EvenCut(total, atMost: (total + wanted - 1) / wanted)
  }
}
