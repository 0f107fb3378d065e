/// How the work of the Winograd passes is split, and what it costs.
package enum WinogradRule {
  /// Output channels of a slab, enough for sgemm to run at its full rate.
  static let slabOutputs = 64
  /// Tiles of a chunk: enough rows for sgemm to run at its full rate and to amortize transforming the whole
  /// kernel, and few enough that V and P stay in the last-level cache.
  static let tilesInChunk = 128
  /// The maximum number of scalars of a transformed kernel that is kept: half of a common last-level cache.
  package static let keptKernelFloats = 1 << 22
}

extension WinogradRule {
  /// The multiplications of whole tiles, the scalars of transformed inputs, products and kernels, and the
  /// calls of sgemm. All passes have the same number of transforms of the same sizes.
  static func terms(_ problem: ConvolutionProblem, _ tile: WinogradTile) -> CostTerms {
    let geometry = problem.geometry
    let inputs = Double(geometry.groupInputChannels), tiles = tile.count(geometry)
    let calls =
      EvenCut(tiles, atMost: tilesInChunk).count
      * EvenCut(geometry.groupOutputChannels, atMost: slabOutputs).count
    let (read, written) = (lanes(geometry.inputChannels), lanes(geometry.outputChannels))
    let positions = Double(tile.positions)
    return CostTerms(
      multiplications: positions * Double(tiles * geometry.groups) * inputs
        * Double(LoweringTable.vectors(geometry.groupOutputChannels)),
      moved: positions * (Double(tiles) * (read + written) + 2 * inputs * written),
      calls: positions * Double(geometry.groups * calls))
  }

  /// Returns a number of channels in whole vectors. A partial vector is loaded and stored lane by lane, which
  /// takes as long as two more vectors.
  private static func lanes(_ channels: Int) -> Double {
    Double(LoweringTable.vectors(channels) + (channels % 16 == 0 ? 0 : 32))
  }
}
