/// How a kernel gradient by Winograd's transforms is split into units that keep their sums in the cache.
///
///     by tiles     | tiles 0 | tiles 1 | ...     all of P for few channels, or for a slab of groups; V and W in scratch
///     by blocks    | block 0 | block 1 | ...     some rows and outputs of P; V and W of a chunk shared
struct WinogradGradientCut: Sendable {
  /// A part of P: outputs, and rows of every group.
  typealias Block = (slab: ChannelSlab, rows: Range<Int>)

  let tile: WinogradTile
  let isByTiles: Bool
  /// The tiles of a unit, or the chunks.
  let tiles: EvenCut
  /// Tiles whose V and W are in scratch at a time, if by tiles.
  let slice: Int
  let blocks: [Block]
  /// All channels.
  let whole: ChannelSlab
  /// The blocks of a slab.
  let parts: Int
  /// The kernel gradients of parts of the tiles, if by tiles.
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
  private static let minRows = 8, maxRows = 32

  init(_ problem: ConvolutionProblem, _ tile: WinogradTile) {
    self.tile = tile
    let (geometry, budget) = (problem.geometry, problem.scratchFloats / tile.positions)
    let (count, inputs) = (tile.count(geometry), geometry.groupInputChannels)
    let step = WinogradPoints.positionStep
    whole = ChannelSlab(
      inputs: 0..<geometry.inputChannels, outputs: 0..<geometry.outputChannels, groups: geometry.groups)
    // By tiles: all outputs, or one slab of groups; its factors and its sums.
    let apart = ChannelSlab.apart(geometry)
    let (read, written) = (apart[0].inputs.count, apart[0].outputs.count)
    let wanted = EvenCut(Self.units, atMost: apart.count).count
    slice = min((budget - 2 * WinogradPoints.maxPadding) / (read + written), max(count, 1))
    isByTiles =
      slice >= Self.minSlice && (wanted == 1 || count >= wanted * Self.minTiles)
      && tile.positions * step(inputs, written) <= Self.maxSums
    tiles = EvenCut(
      count, atMost: isByTiles ? EvenCut(count, atMost: wanted).count : WinogradRule.tilesInChunk)
    let slabs = isByTiles ? apart : ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let rows = min(max(inputs * slabs.count / Self.units, Self.minRows), Self.maxRows)
    let ranges = EvenCut(inputs, atMost: isByTiles ? inputs : rows).ranges
    parts = ranges.count
    blocks = slabs.flatMap { slab in ranges.map { (slab, $0) } }
    sumScalars = tile.positions * step(ranges[0].count, slabs[0].outputs.count)
    keepsSumsInScratch = !isByTiles && tiles.count == 1 && sumScalars <= problem.scratchFloats
    partial = PartialSums(count: geometry.kernelCount, parts: isByTiles ? tiles.count : 0)
    let ofScratch = tile.positions * (step(slice, read) + step(slice, written))
    let ofChunk =
      tile.positions * (step(tiles.size, whole.inputs.count) + step(tiles.size, whole.outputs.count))
    scratchFloats = isByTiles ? ofScratch : keepsSumsInScratch ? sumScalars : 0
    let sums = keepsSumsInScratch ? 0 : sumScalars * blocks.count * (isByTiles ? tiles.count : 1)
    sharedFloats = (isByTiles ? CacheLine.rounded(partial.floats) : ofChunk) + sums
  }

  /// Returns V and W of some tiles for the channels of a slab, in memory.
  func factors(
    _ count: Int, _ slab: ChannelSlab, _ memory: UnsafeMutablePointer<Float>
  ) -> (input: WinogradPoints, gradient: WinogradPoints) {
    let input = WinogradPoints(memory, rows: count, channels: slab.inputs.count)
    let after = memory + tile.positions * input.positionStep
    return (input, WinogradPoints(after, rows: count, channels: slab.outputs.count))
  }

  /// Returns the sums of a unit.
  func sums(
    _ unit: Int, _ block: Block, _ operands: PassOperands, _ scratch: UnsafeMutablePointer<Float>
  ) -> WinogradPoints {
    let kept = operands.shared + sharedFloats - (unit + 1) * sumScalars
    return WinogradPoints(
      keepsSumsInScratch ? scratch : kept, rows: block.rows.count, channels: block.slab.outputs.count)
  }
}
