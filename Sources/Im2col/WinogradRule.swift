/// Decides, only by shape, when Winograd's tiles are faster than columns, and how their work is split.
package enum WinogradRule {
  /// The minimum number of input and of output channels. Fewer gain little, and their sums are so short that
  /// the rounding errors of the transforms would dominate.
  static let minChannels = 16

  /// The minimum number of tiles for the kernel gradient; with fewer, the sums are too short to amortize the
  /// transforms.
  static let minGradientTiles = 24

  /// Whether a tile supports the layer, and the layer has enough channels.
  static func suits(_ geometry: ConvolutionGeometry, _ tile: WinogradTile) -> Bool {
    tile.fits(geometry) && min(geometry.groupInputChannels, geometry.groupOutputChannels) >= minChannels
  }

  /// Returns the cheapest tile by the estimate below, or nil if columns are cheaper.
  static func choice(_ geometry: ConvolutionGeometry) -> WinogradTile? {
    let candidates = WinogradTile.all.filter { suits(geometry, $0) }.map { ($0, cost(geometry, $0)) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 < columnsCost(geometry) else { return nil }
    return best.0
  }

  // The estimates count multiplications of one core. A weight is the cost of one scalar in a transform, or of
  // one call of sgemm, in multiplications. The weights were fitted to timings of 95 layers, from 16x16
  // channels on 7x7 pixels to 512x512 on 28x28, and rounded. Choices that differ by a few percent are within
  // the noise.

  /// The weight of a scalar of a transformed input or of a product.
  static let transformWeight = 8.0
  /// The weight of a scalar of a transformed kernel.
  static let kernelWeight = 14.0
  /// The weight of a scalar of a column matrix.
  static let columnWeight = 3.0
  /// The weight of a product of one position.
  static let callWeight = 3_000.0

  static func columnsCost(_ geometry: ConvolutionGeometry) -> Double {
    Double(geometry.pixels * geometry.window.taps) * Double(geometry.inputChannels)
      * (Double(geometry.groupOutputChannels) + columnWeight)
  }

  /// The estimated cost of a tile, equal for all directions, because the kernel gradient has the same number
  /// of transforms of the same sizes. Kernels that are too large to keep are transformed once per chunk; this
  /// is a tenth of the cost of the products, and is left out.
  static func cost(_ geometry: ConvolutionGeometry, _ tile: WinogradTile) -> Double {
    let (inputs, outputs) = (Double(geometry.groupInputChannels), Double(geometry.groupOutputChannels))
    let tiles = tile.count(geometry)
    let calls = Double(
      EvenCut(tiles, atMost: tilesInChunk).count
        * EvenCut(geometry.groupOutputChannels, atMost: slabOutputs).count)
    let products = Double(tiles) * (inputs * outputs + (inputs + outputs) * transformWeight)
    return Double(geometry.groups * tile.positions)
      * (products + inputs * outputs * kernelWeight + calls * callWeight)
  }

  /// Output channels of a slab, enough for sgemm to run at its full rate.
  static let slabOutputs = 64
  /// Tiles of a chunk: enough rows for sgemm to run at its full rate and to amortize transforming the whole
  /// kernel, and few enough that V and P stay in the last-level cache.
  static let tilesInChunk = 128
  /// The maximum number of scalars of a transformed kernel that is kept: half of a common last-level cache.
  package static let keptKernelFloats = 1 << 22
}
