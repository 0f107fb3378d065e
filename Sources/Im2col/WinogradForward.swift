import CKernels

/// Forward by Winograd's minimal filtering for 3x3 kernels at stride 1: tiles of outputs as matrix
/// products, one for each of the (m + 2)^2 positions of a transformed tile, with a quarter (m = 4) or
/// less than half (m = 2) of im2col's multiplications.
///
///     kernel --G g G'--> U [position][inputs x outputs]          once a call, shared
///     input  --B' d B--> V [position][tiles x inputs]
///     V * U = P [position][tiles x outputs] --A' p A--> output, bias, activation
///
/// A unit is a block of tiles and a block of output channels. It goes through the input channels a block
/// at a time and adds the products up, so that V, P and the block of U that it multiplies stay in cache.
/// Where one block holds all tiles, no two units share a block of U: each transforms its own in scratch,
/// and U, which is four times the kernel, never goes to memory.
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.
package struct WinogradForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let tiling: ckernels_tiling
  let tiles: EvenCut
  let inputs: EvenCut
  let outputs: EvenCut
  /// Whether units transform the kernel themselves.
  let keepsKernelInScratch: Bool

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats: Int
  package let loweringName: LoweringName

  /// Pixels along the side of a tile of outputs.
  package enum Tile: Int, Sendable {
    case two = 2
    case four = 4

    /// Positions of a transformed tile.
    package var positions: Int { (rawValue + 2) * (rawValue + 2) }
  }

  package init(_ geometry: ConvolutionGeometry, tile: Tile, _ settings: PassSettings) {
    precondition(WinogradRule.allows(geometry) && settings.layout == .pixelsByChannels)
    self.geometry = geometry
    tiling = ckernels_tiling(geometry, side: tile.rawValue)
    let count = WinogradRule.tileCount(geometry, tile)
    let fused = WinogradRule.blocksWithKernel(geometry, tile, budget: settings.scratchFloats)
    let blocks = fused ?? WinogradRule.blocks(geometry, tile, budget: settings.scratchFloats)
    keepsKernelInScratch = fused != nil
    tiles = EvenCut(count, atMost: blocks.tiles)
    inputs = EvenCut(geometry.inputChannels, atMost: blocks.inputs)
    outputs = EvenCut(geometry.outputChannels, atMost: blocks.outputs)
    let kernelStage = [inputs.count * outputs.count]
    stages = (keepsKernelInScratch ? [] : kernelStage) + [tiles.count * outputs.count]
    scratchFloats =
      tile.positions
      * (tiles.size * (inputs.size + outputs.size) + (keepsKernelInScratch ? inputs.size * outputs.size : 0))
    sharedFloats =
      keepsKernelInScratch ? 0 : tile.positions * geometry.inputChannels * geometry.outputChannels
    loweringName = tile == .two ? .winograd2 : .winograd4
  }

  private var positions: Int { Int((tiling.m + 2) * (tiling.m + 2)) }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (first, output) = unit.quotientAndRemainder(dividingBy: outputs.count)
    withUnsafePointer(to: tiling) { tiling in
      if stage == 0 && !keepsKernelInScratch {
        let (inputs, outputs) = (inputs[first], outputs[output])
        transformKernel(
          tiling, inputs, outputs, operands, into: transformedKernel(inputs, outputs, operands))
      } else {
        multiply(tiling, tiles: tiles[first], outputs: outputs[output], operands, scratch: scratch)
      }
    }
  }

  private func transformKernel(
    _ tiling: UnsafePointer<ckernels_tiling>, _ inputs: Range<Int>, _ outputs: Range<Int>,
    _ operands: PassOperands, into target: UnsafeMutablePointer<Float>
  ) {
    ckernels_winograd_kernel(
      tiling, operands.right, Int64(inputs.lowerBound), Int64(inputs.count), Int64(outputs.lowerBound),
      Int64(outputs.count), target)
  }

  /// The block of U for some inputs and outputs, `[position][inputs][outputs]` without gaps.
  private func transformedKernel(_ inputs: Range<Int>, _ outputs: Range<Int>, _ operands: PassOperands)
    -> UnsafeMutablePointer<Float>
  {
    operands.shared + positions
      * (outputs.lowerBound * geometry.inputChannels + inputs.lowerBound * outputs.count)
  }

  private func multiply(
    _ tiling: UnsafePointer<ckernels_tiling>, tiles: Range<Int>, outputs: Range<Int>,
    _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let products = scratch
    let transformed = scratch + positions * tiles.count * outputs.count
    let ownKernel = transformed + positions * tiles.count * inputs.size
    for block in 0..<inputs.count {
      let inputs = inputs[block]
      ckernels_winograd_input(
        tiling, operands.left, Int64(tiles.lowerBound), Int64(tiles.count), Int64(inputs.lowerBound),
        Int64(inputs.count), transformed)
      let kernel = keepsKernelInScratch ? ownKernel : transformedKernel(inputs, outputs, operands)
      if keepsKernelInScratch { transformKernel(tiling, inputs, outputs, operands, into: kernel) }
      for position in 0..<positions {
        BLAS.multiply(
          rows: tiles.count, columns: outputs.count, terms: inputs.count,
          BLAS.Matrix(transformed + position * tiles.count * inputs.count, rowStride: inputs.count),
          BLAS.Matrix(kernel + position * inputs.count * outputs.count, rowStride: outputs.count),
          into: products + position * tiles.count * outputs.count, rowStride: outputs.count,
          accumulate: block > 0)
      }
    }
    ckernels_winograd_output(
      tiling, products, Int64(tiles.lowerBound), Int64(tiles.count), Int64(outputs.lowerBound),
      Int64(outputs.count), operands.bias, operands.activation.kernelFunction, operands.result)
  }
}

extension ckernels_tiling {
  /// The tiles of a geometry as the C kernels take them.
  init(_ geometry: ConvolutionGeometry, side: Int) {
    let (height, width) = (geometry.window.height, geometry.window.width)
    self.init(
      m: Int64(side),
      input_height: Int64(height.input), input_width: Int64(width.input),
      input_channels: Int64(geometry.inputChannels),
      output_height: Int64(height.output), output_width: Int64(width.output),
      output_channels: Int64(geometry.outputChannels),
      pad_top: Int64(height.before), pad_left: Int64(width.before),
      tiles_down: Int64((height.output + side - 1) / side),
      tiles_across: Int64((width.output + side - 1) / side))
  }
}
