import CKernels

/// The kernel's gradient by Winograd's F(3x3, 4x4): each 4x4 tile of the output's gradient is correlated
/// with the 6x6 input pixels that it depends on, as products over tiles at 36 positions.
///
///     input           --B' d B--> V [position][tiles x inputs], transposed
///     output gradient --G g G'--> W [position][tiles x outputs]
///     sum over tiles of V * W = P [position][inputs x outputs] --A' p A--> kernel's gradient
///
/// A unit owns a block of input channels, one of output channels, and a shard of the tiles; P stays in its
/// scratch while it goes through the tiles. Source: Lavin and Gray (2015), section 4, with the roles of
/// kernel and output exchanged.
package struct WinogradKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let tiling: ckernels_tiling
  let shards: EvenCut
  let tilesAtATime: Int
  let inputs: EvenCut
  let outputs: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats: Int
  package var loweringName: LoweringName { .winograd4 }

  private static let positions = WinogradForward.Tile.four.positions

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(WinogradRule.allows(geometry) && settings.layout == .pixelsByChannels)
    self.geometry = geometry
    tiling = ckernels_tiling(geometry, side: 4)
    let blocks = WinogradRule.gradientBlocks(geometry, budget: settings.scratchFloats)
    inputs = EvenCut(geometry.inputChannels, atMost: blocks.inputs)
    outputs = EvenCut(geometry.outputChannels, atMost: blocks.outputs)
    shards = TileRule.shards(
      total: WinogradRule.tileCount(geometry, .four), units: inputs.count * outputs.count,
      fewest: 4 * blocks.tiles)
    tilesAtATime = min(blocks.tiles, max(shards.size, 1))
    let partial = PartialSums(count: geometry.kernelCount, parts: shards.count)
    stages = [inputs.count * outputs.count * shards.count] + partial.stages
    sharedFloats = partial.floats
    scratchFloats =
      WinogradKernelGradient.positions
      * (inputs.size * outputs.size + tilesAtATime * (inputs.size + outputs.size))
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let partial = PartialSums(count: geometry.kernelCount, parts: shards.count)
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (blocks, shard) = unit.quotientAndRemainder(dividingBy: shards.count)
    let (input, output) = blocks.quotientAndRemainder(dividingBy: outputs.count)
    let (inputs, outputs) = (inputs[input], outputs[output])
    withUnsafePointer(to: tiling) { tiling in
      sumProducts(tiling, tiles: shards[shard], inputs: inputs, outputs: outputs, operands, scratch: scratch)
      ckernels_winograd_kernel_gradient(
        tiling, scratch, Int64(inputs.lowerBound), Int64(inputs.count), Int64(outputs.lowerBound),
        Int64(outputs.count), partial.accumulates(operands) ? 1 : 0, partial.target(of: shard, operands))
    }
  }

  /// P into the front of the scratch.
  private func sumProducts(
    _ tiling: UnsafePointer<ckernels_tiling>, tiles: Range<Int>, inputs: Range<Int>, outputs: Range<Int>,
    _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let positions = WinogradKernelGradient.positions
    let block = inputs.count * outputs.count
    let transformedInput = scratch + positions * block
    let transformedGradient = transformedInput + positions * tilesAtATime * inputs.count
    for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: tilesAtATime) {
      let count = min(tilesAtATime, tiles.upperBound - first)
      ckernels_winograd_input(
        tiling, operands.left, Int64(first), Int64(count), Int64(inputs.lowerBound), Int64(inputs.count),
        transformedInput)
      ckernels_winograd_gradient(
        tiling, operands.right, Int64(first), Int64(count), Int64(outputs.lowerBound), Int64(outputs.count),
        transformedGradient)
      for position in 0..<positions {
        BLAS.multiply(
          rows: inputs.count, columns: outputs.count, terms: count,
          BLAS.Matrix(
            transformedInput + position * count * inputs.count, rowStride: inputs.count, transposed: true),
          BLAS.Matrix(
            transformedGradient + position * count * outputs.count, rowStride: outputs.count),
          into: scratch + position * block, rowStride: outputs.count, accumulate: first > tiles.lowerBound)
      }
    }
  }
}
