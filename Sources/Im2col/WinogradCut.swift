/// How a forward pass by Winograd's transforms is split into units whose private blocks fit the scratch.
///
///     by tiles      | tiles 0 | tiles 1 | ...     all outputs; V and P in scratch, U shared
///     by outputs    | slab 0 | slab 1 | ...       a chunk of tiles; U and P in scratch, V shared
///
/// What one worker writes and another one reads is slow on processors whose cores do not share a last-level
/// cache, so only one factor is shared.
package struct WinogradCut: Sendable {
  let tile: WinogradTile
  package let isByTiles: Bool
  /// The tiles of a unit, or the chunks.
  package let tiles: EvenCut
  let slabs: [ChannelSlab]
  /// The units of the same tiles, if by tiles: one, or one for each slab of groups.
  let parts: Int
  /// Rows of a transformed kernel that one unit has at a time.
  package let kernelRows: EvenCut
  let scratchFloats: Int
  let sharedFloats: Int

  /// Units of a stage: a multiple of the usual numbers of workers, so that they finish together.
  private static let units = 8
  /// Tiles at which sgemm runs at its full rate: 12 x 64 x 256 reached 98 % of the rate of 128 x 64 x 64.
  private static let minTiles = 12
  /// Rows of a kernel that a unit transforms, if by tiles: few enough that workers finish together.
  private static let rowsOfUnit = 32

  /// Returns nil if not even one tile and one row of a kernel fit the scratch.
  package init?(_ problem: ConvolutionProblem, _ tile: WinogradTile) {
    self.tile = tile
    let (geometry, budget) = (problem.geometry, problem.scratchFloats / tile.positions)
    let (count, inputs) = (tile.count(geometry), geometry.inputChannels)
    let step = WinogradPoints.positionStep
    let isSingle = geometry.groups == 1
    let wide =
      isSingle
      ? ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs) : ChannelSlab.apart(geometry)
    let (read, written) = (wide[0].inputs.count, wide[0].outputs.count)
    let fit = (budget - 2 * WinogradPoints.maxPadding) / (read + written)
    parts = isSingle ? 1 : wide.count
    let narrow = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    // One slab would run on one worker: a few units of tiles are better, as of a single image.
    let available = min(Self.units, count * parts / Self.minTiles)
    let least = available == Self.units || narrow.count > 1 ? available : available & ~1
    isByTiles = fit >= Self.minTiles && (available == Self.units || narrow.count == 1 && least > 1)
    if isByTiles {
      let units = EvenCut(EvenCut(count, atMost: fit).count * parts, atMost: least).count * least
      tiles = EvenCut(count, atMost: EvenCut(count, atMost: EvenCut(units, atMost: parts).count).count)
      (slabs, kernelRows) = (wide, EvenCut(geometry.groupInputChannels, atMost: Self.rowsOfUnit))
      scratchFloats = tile.positions * (step(tiles.size, read) + step(tiles.size, written))
      sharedFloats = wide.count * wide[0].kernelScalars(tile)
      return
    }
    // Two thirds of the scratch for products: fewer chunks save more than longer slices of the inputs do.
    var (rows, outputs) = (min(max(count, 1), WinogradRule.tilesInChunk), WinogradRule.slabOutputs)
    // Two slabs at least, for two workers.
    if narrow.count == 1, geometry.outputChannels <= outputs { outputs = geometry.outputChannels / 2 }
    while step(rows, outputs) > budget * 2 / 3, outputs > 16 { outputs /= 2 }
    outputs = max(outputs, min(16, WinogradRule.slabOutputs))
    while step(rows, outputs) > budget * 2 / 3, rows > 1 { rows /= 2 }
    tiles = EvenCut(count, atMost: rows)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: outputs)
    let slab = slabs[0].outputs.count
    let left = budget - step(rows, slab)
    guard left >= step(1, slab) else { return nil }
    kernelRows = EvenCut(
      geometry.groupInputChannels, atMost: max(1, (left - WinogradPoints.maxPadding) / slab))
    scratchFloats = tile.positions * (step(rows, slab) + step(kernelRows.size, slab))
    sharedFloats = tile.positions * step(tiles.size, inputs)
  }
}
