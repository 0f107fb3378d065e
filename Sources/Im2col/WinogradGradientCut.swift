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
  /// The blocks of P; if by tiles, one block.
  let blocks: [(slab: ChannelSlab, rows: Range<Int>)]
  /// The blocks of a slab.
  let parts: Int
  /// All channels.
  let whole: ChannelSlab
  /// The kernel gradients of the units, if by tiles.
  let partial: PartialSums
  let scratchFloats: Int
  let sharedFloats: Int
  private let sumScalars: Int
  /// Whether the sums of a unit are in its scratch: they are complete after one chunk.
  private let keepsSumsInScratch: Bool

  /// Units of a stage: a multiple of the usual numbers of workers, so that they finish together.
  private static let units = 8
  /// Tiles of a unit that amortize transforming its sums: at 64, to 5 % of the multiplications.
  private static let minTiles = 64
  /// Scalars of the sums of a unit: 4 MiB, so that those of 8 workers stay in a last-level cache of 32 MiB.
  private static let maxSums = 1 << 20
  /// Tiles at a time that amortize reading and writing the sums.
  private static let minSlice = 8
  /// Rows at which sgemm runs at its full rate (8 x 64 x 128 reached 98 % of the rate of 64 x 64 x 128), and
  /// rows at which all positions with 64 outputs fill half of a second-level cache.
  private static let rowsOfBlock = 8...32

  init(_ problem: ConvolutionProblem, _ tile: WinogradTile) {
    self.tile = tile
    let (geometry, budget) = (problem.geometry, problem.scratchFloats / tile.positions)
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.outputChannels)
    let (count, channels) = (tile.count(geometry), [geometry.inputChannels, outputs])
    let step = WinogradPoints.positionStep
    whole = ChannelSlab(inputs: 0..<channels[0], outputs: 0..<outputs, groups: geometry.groups)
    slice = min((budget - 2 * WinogradPoints.maxPadding) / (channels[0] + outputs), max(count, 1))
    isByTiles =
      slice >= Self.minSlice && count >= Self.units * Self.minTiles
      && tile.positions * step(inputs, outputs) <= Self.maxSums
    tiles = EvenCut(
      count, atMost: isByTiles ? EvenCut(count, atMost: Self.units).count : WinogradRule.tilesInChunk)
    let slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let limits = Self.rowsOfBlock
    let rows = min(max(inputs * slabs.count / Self.units, limits.lowerBound), limits.upperBound)
    let ranges = EvenCut(inputs, atMost: rows).ranges
    parts = ranges.count
    blocks = isByTiles ? [(whole, 0..<inputs)] : slabs.flatMap { slab in ranges.map { (slab, $0) } }
    sumScalars = tile.positions * step(blocks[0].rows.count, blocks[0].slab.outputs.count)
    keepsSumsInScratch = !isByTiles && tiles.count == 1 && sumScalars <= problem.scratchFloats
    let factors =
      tile.positions
      * channels.reduce(0) { [tiles, slice, isByTiles] in $0 + step(isByTiles ? slice : tiles.size, $1) }
    partial = PartialSums(count: geometry.kernelCount, parts: isByTiles ? tiles.count : 0)
    scratchFloats = isByTiles ? factors : keepsSumsInScratch ? sumScalars : 0
    let sums = keepsSumsInScratch ? 0 : sumScalars * (isByTiles ? tiles.count : blocks.count)
    sharedFloats = CacheLine.rounded(partial.floats) + (isByTiles ? 0 : factors) + sums
  }

  /// Returns V and W of some tiles in memory.
  func factors(_ count: Int, _ memory: UnsafeMutablePointer<Float>) -> Factors {
    let input = WinogradPoints(memory, rows: count, channels: whole.inputs.count)
    let scalars = WinogradPoints.scalarCount(tile, rows: count, channels: whole.inputs.count)
    return (input, WinogradPoints(memory + scalars, rows: count, channels: whole.outputs.count))
  }

  /// Returns the sums of a unit, which has a block of P.
  func sums(
    _ unit: Int, _ block: Int, _ operands: PassOperands, _ scratch: UnsafeMutablePointer<Float>
  ) -> WinogradPoints {
    let kept = operands.shared + sharedFloats - (unit + 1) * sumScalars
    return WinogradPoints(
      keepsSumsInScratch ? scratch : kept, rows: blocks[block].rows.count,
      channels: blocks[block].slab.outputs.count)
  }
}
