/// When Winograd's tiles beat columns, and how its work is cut: by shape alone.
package enum WinogradRule {
  /// Layers with fewer input or output channels stay with columns: there is little to gain, and their sums
  /// are so short that the transforms' roundings would be most of the error.
  static let minChannels = 16

  /// Fewer tiles than this give products whose sums are shorter than what is moved for them: a kernel's gradient is
  /// taken directly then.
  static let minGradientTiles = 24

  /// Whether a tile computes the layer, and the layer is wide enough for it.
  static func suits(_ geometry: ConvolutionGeometry, _ tile: WinogradTile) -> Bool {
    tile.fits(geometry) && min(geometry.groupInputChannels, geometry.groupOutputChannels) >= minChannels
  }

  /// The cheapest tile by the estimate below, or nil where columns are cheaper.
  static func choice(_ geometry: ConvolutionGeometry) -> WinogradTile? {
    let candidates = WinogradTile.all.filter { suits(geometry, $0) }.map { ($0, cost(geometry, $0)) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 < columnsCost(geometry) else { return nil }
    return best.0
  }

  // The estimates count multiplications of one core; a scalar that is moved through a transform, or a call of
  // sgemm, costs as much as so many of them. The weights were fitted to timings of 95 layers from 16x16 channels
  // on 7x7 pixels to 512x512 on 28x28, and rounded: choices within some per cent of each other follow the noise.

  /// A scalar of a transformed input or of a product.
  static let transformWeight = 8.0
  /// A scalar of a transformed kernel.
  static let kernelWeight = 14.0
  /// A scalar of a column matrix.
  static let columnWeight = 3.0
  /// A product of one position.
  static let callWeight = 3_000.0

  static func columnsCost(_ geometry: ConvolutionGeometry) -> Double {
    Double(geometry.pixels * geometry.window.taps) * Double(geometry.inputChannels)
      * (Double(geometry.groupOutputChannels) + columnWeight)
  }

  /// The same for all directions: the kernel's gradient has as many transforms of the same sizes. Kernels that are too
  /// large to stay are transformed once a run; with a run's tiles that is a tenth of the products, and left out.
  static func cost(_ geometry: ConvolutionGeometry, _ tile: WinogradTile) -> Double {
    let (inputs, outputs) = (Double(geometry.groupInputChannels), Double(geometry.groupOutputChannels))
    let tiles = tile.count(geometry)
    let calls = Double(
      EvenCut(tiles, atMost: tilesInRun).count
        * EvenCut(geometry.groupOutputChannels, atMost: slabOutputs).count)
    let products = Double(tiles) * (inputs * outputs + (inputs + outputs) * transformWeight)
    return Double(geometry.groups * tile.positions)
      * (products + inputs * outputs * kernelWeight + calls * callWeight)
  }

  /// Outputs of a slab: wide enough for sgemm to run at its full rate.
  static let slabOutputs = 64
  /// Tiles of a run: as many rows as sgemm multiplies at its full rate, and enough to repay a transform of the
  /// whole kernel; few enough that V and P stay in the last cache level.
  static let tilesInRun = 128
  /// Scalars of a transformed kernel that stay for the next run: half of a usual last cache level.
  package static let keptKernelFloats = 1 << 22
}
