/// Kernel gradient by Winograd's F(r x r, m x m): each m x m tile of the output gradient is correlated with
/// the n x n input pixels of its windows, as products over tiles at n^2 positions.
///
///     input           --B' d B--> V [position][tiles x inputs], transposed
///     output gradient --G g G'--> W [position][tiles x outputs]
///     sum over tiles of V * W = P [position][inputs x outputs] --A' p A--> kernel gradient
///
/// A unit keeps its sums in the cache of its core:
///
///     by tiles                                  by blocks of P, for each chunk of tiles
///     stage 0    V, W, P and kernel gradient    stage 2 i        V and W of chunk i, shared
///                of some tiles                  stage 2 i + 1    some rows and outputs of P; after the
///     stage 1    sum of these gradients                          last chunk, their kernel gradient
///
/// Source: Lavin and Gray (2015), section 4, with the roles of kernel and output exchanged.
struct WinogradKernelGradient: ConvolutionPass {
  private let transforms: WinogradTransforms
  private let cut: WinogradGradientCut

  let stages: [Int]
  var scratchFloats: Int { cut.scratchFloats }
  var sharedFloats: Int { cut.sharedFloats }
  var multiplicationRatio: Double { cut.tile.multiplicationRatio }

  init(_ geometry: ConvolutionGeometry, _ cut: WinogradGradientCut) {
    transforms = WinogradTransforms(geometry, cut.tile)
    self.cut = cut
    // An empty batch has no stages; the caller sets its gradient to zero.
    stages =
      cut.isByTiles
      ? [cut.blocks.count * cut.tiles.count] + cut.partial.stages
      : Array(repeating: cut.blocks.count, count: 2 * cut.tiles.count)
  }

  func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    switch (cut.isByTiles, stage % 2) {
    case (true, 0): sumTiles(unit, operands, scratch)
    case (true, _): cut.partial.add(unit: unit, operands)
    case (false, 0): transformChunk(stage / 2, unit, operands)
    case (false, _): addChunk(stage / 2, unit, operands, scratch)
    }
  }

  /// Computes the kernel gradient of some tiles, for the outputs of one block.
  private func sumTiles(
    _ unit: Int, _ operands: PassOperands, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (part, index) = unit.quotientAndRemainder(dividingBy: cut.blocks.count)
    let (block, tiles) = (cut.blocks[index], cut.tiles[part])
    let (slab, sums) = (block.slab, cut.sums(unit, block, operands, scratch))
    for slice in EvenCut(tiles.count, atMost: cut.slice).ranges {
      let factors = cut.factors(slice.count, slab, scratch)
      let part = slice.shifted(by: tiles.lowerBound)
      transforms.input(tiles: part, channels: slab.inputs, operands.input, into: factors.input)
      transforms.outputGradient(
        tiles: part, channels: slab.outputs, operands.outputGradient, into: factors.gradient)
      slab.multiply(
        cut.tile, tiles: slice.count, inputs: block.rows, factors.input, factors.gradient, into: sums,
        transposed: true, accumulate: slice.lowerBound > 0)
    }
    transforms.kernelGradient(
      inputs: block.rows, outputs: slab.outputs, of: sums, accumulate: cut.partial.accumulates(operands),
      into: cut.partial.target(of: part, operands))
  }

  /// Computes some tiles of V, and some tiles of W for the outputs of a block, in shared memory.
  private func transformChunk(_ chunk: Int, _ unit: Int, _ operands: PassOperands) {
    let (tiles, outputs) = (cut.tiles[chunk], cut.blocks[unit].slab.outputs)
    let factors = cut.factors(tiles.count, cut.whole, operands.shared)
    func part(_ index: Int, of parts: Int) -> Range<Int> {
      tiles.count * index / parts..<tiles.count * (index + 1) / parts
    }
    let (v, w) = (part(unit, of: cut.blocks.count), part(unit % cut.parts, of: cut.parts))
    transforms.input(
      tiles: v.shifted(by: tiles.lowerBound), channels: cut.whole.inputs, operands.input,
      into: factors.input.from(row: v.lowerBound))
    transforms.outputGradient(
      tiles: w.shifted(by: tiles.lowerBound), channels: outputs, operands.outputGradient,
      into: factors.gradient.from(row: w.lowerBound, channel: outputs.lowerBound))
  }

  /// Adds the products of a chunk to a block of P, and transforms it after the last chunk.
  private func addChunk(
    _ chunk: Int, _ unit: Int, _ operands: PassOperands, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let block = cut.blocks[unit]
    let factors = cut.factors(cut.tiles[chunk].count, cut.whole, operands.shared)
    let (slab, sums) = (block.slab, cut.sums(unit, block, operands, scratch))
    slab.multiply(
      cut.tile, tiles: cut.tiles[chunk].count, inputs: block.rows,
      factors.input.from(row: 0, channel: slab.inputs.lowerBound),
      factors.gradient.from(row: 0, channel: slab.outputs.lowerBound), into: sums, transposed: true,
      accumulate: chunk > 0)
    guard chunk == cut.tiles.count - 1 else { return }
    transforms.kernelGradient(
      inputs: block.rows, outputs: slab.outputs, of: sums, accumulate: operands.accumulates,
      into: operands.result)
  }
}
