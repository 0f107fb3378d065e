/// Forward pass by Winograd's minimal filtering at stride 1: tiles of outputs as matrix products, one for
/// each of the n^2 positions of a transformed tile, with a fraction of the multiplications of im2col.
///
///     kernel --G g G'--> U [position][inputs x outputs]
///     input  --B' d B--> V [position][tiles x inputs]
///     V * U = P [position][tiles x outputs] --A' p A--> output, bias, activation
///
/// One factor is transformed first, by all workers, into memory that they share. The worker that multiplies
/// transforms the other one, so that this factor and the product stay in the cache of its core:
///
///     by tiles                            by outputs, for each chunk of tiles
///     stage 0    U                        stage 0    V of the chunk
///     stage 1    V, P, output of          stage 1    U, P, output of
///                some tiles                          some outputs
///
/// A split by tiles is for layers whose tiles have few channels. Source: Lavin and Gray, "Fast Algorithms for
/// Convolutional Neural Networks" (2015), section 4.
struct WinogradForward: ConvolutionPass {
  private let transforms: WinogradTransforms
  private let inputChannels: Int
  private let cut: WinogradCut
  /// Whether the shared factor is written past the caches: it has at least 512 KiB, half of a second-level
  /// cache, and with one group it is read often. Between cores without a common cache, writing lines that the
  /// other one has read ran at 4.3 GB/s.
  private let streams: Bool

  let stages: [Int]
  var scratchFloats: Int { cut.scratchFloats }
  var sharedFloats: Int { cut.sharedFloats }
  var multiplicationRatio: Double { transforms.tile.multiplicationRatio }

  init(_ geometry: ConvolutionGeometry, _ cut: WinogradCut) {
    transforms = WinogradTransforms(geometry, cut.tile)
    inputChannels = geometry.inputChannels
    self.cut = cut
    streams = geometry.groups == 1 && cut.sharedFloats >= 1 << 17
    stages =
      cut.isByTiles
      ? [cut.slabs.count * cut.kernelRows.count, cut.tiles.count * cut.parts]
      : cut.tiles.ranges.flatMap { [Self.parts($0.count).count, cut.slabs.count] }
  }

  func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    switch (cut.isByTiles, stage % 2) {
    case (true, 0): transformKernel(unit, operands)
    case (true, _): multiply(unit, operands, scratch)
    case (false, 0): transformInput(cut.tiles[stage / 2], unit, operands)
    case (false, _): multiply(chunk: cut.tiles[stage / 2], cut.slabs[unit], operands, scratch)
    }
  }

  /// Computes some rows of U of one slab in shared memory.
  private func transformKernel(_ unit: Int, _ operands: PassOperands) {
    let (index, part) = unit.quotientAndRemainder(dividingBy: cut.kernelRows.count)
    let rows = cut.kernelRows[part]
    transforms.kernel(
      inputs: rows, outputs: cut.slabs[index].outputs, operands.kernel,
      into: sharedKernel(index, operands).from(row: rows.lowerBound))
  }

  /// Computes all outputs of some tiles, or those of one slab if there are groups.
  private func multiply(_ unit: Int, _ operands: PassOperands, _ scratch: UnsafeMutablePointer<Float>) {
    let (index, part) = unit.quotientAndRemainder(dividingBy: cut.parts)
    let (tiles, channels) = (cut.tiles[index], cut.slabs[part].inputs)
    let input = WinogradPoints(scratch, rows: tiles.count, channels: channels.count)
    transforms.input(tiles: tiles, channels: channels, operands.input, into: input)
    let products =
      scratch
      + WinogradPoints.scalarCount(
        cut.tile, rows: tiles.count, channels: channels.count)
    for index in cut.parts == 1 ? 0..<cut.slabs.count : part..<part + 1 {
      let slab = cut.slabs[index]
      let product = WinogradPoints(products, rows: tiles.count, channels: slab.outputs.count)
      slab.multiply(
        cut.tile, tiles: tiles.count, inputs: 0..<slab.groupInputs, input, sharedKernel(index, operands),
        into: product, accumulate: false)
      transforms.output(tiles: tiles, channels: slab.outputs, of: product, operands)
    }
  }

  /// Splits the tiles of a chunk, finely enough that workers finish transforming them together.
  private static func parts(_ tiles: Int) -> EvenCut { EvenCut(tiles, atMost: 8) }

  /// Computes some tiles of V of a chunk in shared memory.
  private func transformInput(_ chunk: Range<Int>, _ unit: Int, _ operands: PassOperands) {
    let part = Self.parts(chunk.count)[unit]
    transforms.input(
      tiles: part.shifted(by: chunk.lowerBound), channels: 0..<inputChannels, operands.input,
      into: sharedInput(chunk, operands).from(row: part.lowerBound))
  }

  /// Computes the outputs of one slab in a chunk of tiles.
  private func multiply(
    chunk: Range<Int>, _ slab: ChannelSlab, _ operands: PassOperands,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (tile, outputs) = (transforms.tile, slab.outputs.count)
    let product = WinogradPoints(scratch, rows: chunk.count, channels: outputs)
    let kernels = scratch + WinogradPoints.scalarCount(tile, rows: chunk.count, channels: outputs)
    for inputs in cut.kernelRows.ranges {
      let kernel = WinogradPoints(kernels, rows: inputs.count, channels: outputs)
      transforms.kernel(inputs: inputs, outputs: slab.outputs, operands.kernel, into: kernel)
      slab.multiply(
        cut.tile, tiles: chunk.count, inputs: inputs,
        sharedInput(chunk, operands).from(row: 0, channel: slab.inputs.lowerBound), kernel, into: product,
        accumulate: inputs.lowerBound > 0)
    }
    transforms.output(tiles: chunk, channels: slab.outputs, of: product, operands)
  }

  private func sharedKernel(_ slab: Int, _ operands: PassOperands) -> WinogradPoints {
    WinogradPoints(
      operands.shared + slab * cut.slabs[0].kernelScalars(transforms.tile),
      rows: cut.slabs[slab].groupInputs, channels: cut.slabs[slab].outputs.count, streams: streams)
  }

  private func sharedInput(_ chunk: Range<Int>, _ operands: PassOperands) -> WinogradPoints {
    WinogradPoints(operands.shared, rows: chunk.count, channels: inputChannels, streams: streams)
  }
}
