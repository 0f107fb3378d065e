/// How a kernel gradient by Winograd's transforms is split into units that keep their sums in the cache.
///
///     by tiles     | tiles 0 | tiles 1 | ...     all of P for few channels; V and W in scratch
///     by blocks    | block 0 | block 1 | ...     some rows and outputs of P; V and W of a chunk shared
struct WinogradGradientCut: Sendable {
  /// V and W of some tiles.
  typealias Factors = (input: WinogradPoints, gradient: WinogradPoints)

  let tile: WinogradTile
  let isByTiles: Bool
  /// The tiles of a unit, or the chunks.
  let tiles: EvenCut
  /// Tiles whose V and W are in scratch at a time, if by tiles.
  let slice: Int
  /// All channels as one slab.
  let whole: ChannelSlab
  let partial: PartialSums
  let scratchFloats: Int
  let sharedFloats: Int
  private let slabs: [ChannelSlab]
  /// The rows of a block of P.
  private let rows: EvenCut
  private let sumScalars: Int
  /// Whether the block of a unit is in its scratch: it is complete after one chunk.
  private let keepsSumsInScratch: Bool

  /// Units of a stage: a multiple of the usual numbers of workers, so that they finish together.
  private static let units = 8
  /// Tiles of a unit that amortize transforming its sums: at 64, to 5 % of the multiplications.
  private static let minTiles = 64
  /// Rows at which sgemm runs at its full rate (8 x 64 x 128 reached 98 % of the rate of 64 x 64 x 128), and
  /// rows at which all positions with 64 outputs fill half of a second-level cache.
  private static let rowsOfBlock = 8...32

  init(_ problem: ConvolutionProblem, _ tile: WinogradTile) {
    self.tile = tile
    let (geometry, budget) = (problem.geometry, problem.scratchFloats / tile.positions)
    let (count, inputs) = (tile.count(geometry), geometry.groupInputChannels)
    let channels = geometry.inputChannels + geometry.outputChannels
    let step = WinogradPoints.positionStep
    whole = ChannelSlab(
      inputs: 0..<geometry.inputChannels, outputs: 0..<geometry.outputChannels, groups: geometry.groups)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    slice = (budget - 2 * WinogradPoints.maxPadding) / channels
    // The sums of a unit and its scratch fill a second-level cache of twice the scratch.
    isByTiles =
      slice >= 8 && count >= Self.units * Self.minTiles
      && step(inputs, geometry.outputChannels) <= 2 * budget
    let rowLimit = max(inputs * slabs.count / Self.units, Self.rowsOfBlock.lowerBound)
    rows = EvenCut(inputs, atMost: min(rowLimit, Self.rowsOfBlock.upperBound))
    if isByTiles {
      tiles = EvenCut(count, atMost: EvenCut(count, atMost: Self.units).count)
      partial = PartialSums(count: geometry.kernelCount, parts: tiles.count)
      sumScalars = tile.positions * step(inputs, geometry.outputChannels)
      scratchFloats =
        tile.positions * (step(slice, geometry.inputChannels) + step(slice, geometry.outputChannels))
      sharedFloats = tiles.count * sumScalars + CacheLine.rounded(partial.floats)
      keepsSumsInScratch = false
      return
    }
    tiles = EvenCut(count, atMost: WinogradRule.tilesInChunk)
    partial = PartialSums(count: 0, parts: 0)
    sumScalars = tile.positions * step(rows.size, slabs[0].outputs.count)
    keepsSumsInScratch = tiles.count == 1 && sumScalars <= problem.scratchFloats
    scratchFloats = keepsSumsInScratch ? sumScalars : 0
    sharedFloats =
      tile.positions * (step(tiles.size, geometry.inputChannels) + step(tiles.size, geometry.outputChannels))
      + (keepsSumsInScratch ? 0 : slabs.count * rows.count * sumScalars)
  }

  var blockCount: Int { slabs.count * rows.count }
  var blocksOfGroup: Int { rows.count * max(1, slabs.count / whole.groups) }

  /// Returns the slab and the rows of a block.
  func block(_ index: Int) -> (slab: ChannelSlab, rows: Range<Int>) {
    let (slab, part) = index.quotientAndRemainder(dividingBy: rows.count)
    return (slabs[slab], rows[part])
  }

  /// Returns V and W of some tiles in memory.
  func factors(_ count: Int, _ memory: UnsafeMutablePointer<Float>) -> Factors {
    let input = WinogradPoints(memory, rows: count, channels: whole.inputs.count)
    let scalars = WinogradPoints.scalarCount(tile, rows: count, channels: whole.inputs.count)
    return (input, WinogradPoints(memory + scalars, rows: count, channels: whole.outputs.count))
  }

  /// Returns the sums of a unit.
  func sums(
    _ unit: Int, rows: Int, channels: Int, _ shared: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) -> WinogradPoints {
    let kept = shared + sharedFloats - (unit + 1) * sumScalars
    return WinogradPoints(keepsSumsInScratch ? scratch : kept, rows: rows, channels: channels)
  }
}
