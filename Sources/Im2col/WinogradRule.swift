/// How the work of the Winograd passes is split, and what it costs.
enum WinogradRule {
  /// Output channels of a slab, enough for sgemm to run at its full rate.
  static let slabOutputs = 64
  /// Tiles of a chunk: enough rows for sgemm to run at its full rate and to amortize transforming the whole
  /// kernel, and few enough that V and P stay in the last-level cache.
  static let tilesInChunk = 128

  /// The multiplications of whole tiles, the scalars of transformed inputs, products and kernels, and the
  /// calls of sgemm.
  static func terms(_ geometry: ConvolutionGeometry, _ cut: WinogradCut) -> CostTerms {
    terms(
      geometry, cut.tile, kernels: cut.isByTiles ? 1 : cut.tiles.count,
      calls: cut.tiles.count * cut.slabs.reduce(0) { $0 + $1.groups }
        * (cut.isByTiles ? 1 : cut.kernelRows.count))
  }

  /// The same for a kernel gradient.
  static func terms(_ geometry: ConvolutionGeometry, _ cut: WinogradGradientCut) -> CostTerms {
    terms(
      geometry, cut.tile, kernels: cut.isByTiles ? cut.tiles.count : 1,
      calls: cut.tiles.count * cut.blocks.reduce(0) { $0 + $1.slab.groups }
        * (cut.isByTiles ? EvenCut(cut.tiles.size, atMost: cut.slice).count : 1))
  }

  /// - Parameters:
  ///   - kernels: how often the kernel is transformed.
  ///   - calls: the products of each position.
  private static func terms(
    _ geometry: ConvolutionGeometry, _ tile: WinogradTile, kernels: Int, calls: Int
  ) -> CostTerms {
    let (inputs, tiles) = (Double(geometry.groupInputChannels), Double(tile.count(geometry)))
    let (read, written) = (lanes(geometry.inputChannels), lanes(geometry.outputChannels))
    let positions = Double(tile.positions)
    return CostTerms(
      multiplications: positions * tiles * Double(geometry.groups) * inputs
        * Double(LoweringTable.vectors(geometry.groupOutputChannels)),
      moved: positions * (tiles * (read + written) + Double(1 + kernels) * inputs * written),
      calls: positions * Double(calls))
  }

  /// Returns a number of channels in whole vectors. A partial vector is loaded and stored lane by lane, which
  /// takes as long as two more vectors.
  private static func lanes(_ channels: Int) -> Double {
    Double(LoweringTable.vectors(channels) + (channels % 16 == 0 ? 0 : 32))
  }
}
