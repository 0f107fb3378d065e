/// Kernel gradient by Winograd's F(r x r, m x m): each m x m tile of the output gradient is correlated with
/// the n x n input pixels of its windows, as products over tiles at n^2 positions.
///
///     input           --B' d B--> V [position][tiles x inputs], transposed
///     output gradient --G g G'--> W [position][tiles x outputs]
///     sum over tiles of V * W = P [position][inputs x outputs] --A' p A--> kernel gradient
///
/// The batch is processed in chunks of tiles. The sum of their products has the size of a transformed kernel
/// and is kept until the last chunk. A single chunk processes one slab of outputs at a time, because the
/// products of all slabs together would not stay in cache:
///
///     several chunks                                  one chunk
///     stage 0    tiles 0                              stage 0    tiles
///     stage 1    multiply 0 --- tiles 1               stage 1    multiply slab 0
///     stage 2    multiply 1 --- tiles 2               stage 2    kernel of slab 0 --- multiply slab 1
///     ...                                             ...
///     last       kernel                               last       kernel of the last slab
///
/// Source: Lavin and Gray (2015), section 4, with the roles of kernel and output exchanged.
package struct WinogradKernelGradient: ConvolutionPass {
  let transforms: WinogradTransforms
  let inputChannels: Int
  let outputChannels: Int
  let chunks: EvenCut
  let slabs: [ChannelSlab]
  private let inputs: WinogradRing
  private let gradients: WinogradRing
  private let products: WinogradRing
  private let tasks: StagedTasks<Task>

  package let scratchFloats = 0
  package let sharedFloats: Int
  package var stages: [Int] { tasks.counts }
  package var multiplicationRatio: Double { transforms.tile.multiplicationRatio }

  /// The work of one chunk, one slab, or one slab of a chunk.
  private enum Task {
    case tiles(chunk: Int)
    case multiply(chunk: Int, slab: Int)
    case kernel(slab: Int)
  }

  package init(_ geometry: ConvolutionGeometry, tile: WinogradTile) {
    precondition(tile.fits(geometry))
    transforms = WinogradTransforms(geometry, tile)
    (inputChannels, outputChannels) = (geometry.inputChannels, geometry.outputChannels)
    chunks = EvenCut(tile.count(geometry), atMost: WinogradRule.tilesInChunk)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let ring = min(chunks.count, 2)
    inputs = WinogradRing(
      after: nil, blockScalars: WinogradPoints.scalarCount(tile, rows: chunks.size, channels: inputChannels),
      count: ring)
    gradients = WinogradRing(
      after: inputs,
      blockScalars: WinogradPoints.scalarCount(tile, rows: chunks.size, channels: outputChannels), count: ring
    )
    products = WinogradRing(
      after: gradients, blockScalars: slabs[0].kernelScalars(tile),
      count: chunks.count > 1 ? slabs.count : min(slabs.count, 2))
    sharedFloats = products.end
    tasks = StagedTasks(WinogradKernelGradient.schedule(tile, chunks: chunks, slabs: slabs))
  }

  /// Returns the tasks of every stage, as in the picture above.
  private static func schedule(
    _ tile: WinogradTile, chunks: EvenCut, slabs: [ChannelSlab]
  ) -> [[StagedTasks<Task>.TaskUnits]] {
    func tiles(_ chunk: Int) -> [StagedTasks<Task>.TaskUnits] {
      chunk < chunks.count
        ? [.init(task: .tiles(chunk: chunk), units: WinogradUnits.tiles(chunks[chunk].count).count)] : []
    }
    func multiply(_ chunk: Int, _ slab: Int) -> StagedTasks<Task>.TaskUnits {
      let rows = WinogradUnits.productRows(slabs[slab].groupInputs)
      return .init(task: .multiply(chunk: chunk, slab: slab), units: tile.positions * rows.count)
    }
    func kernel(_ slab: Int) -> StagedTasks<Task>.TaskUnits {
      .init(task: .kernel(slab: slab), units: WinogradUnits.kernelRows(slabs[slab].groupInputs).count)
    }
    // An empty batch has no chunks; the caller sets its gradient to zero.
    if chunks.count == 0 { return [] }
    if chunks.count == 1 {
      return [tiles(0)]
        + (0...slabs.count).map { slab in
          (slab < slabs.count ? [multiply(0, slab)] : []) + (slab > 0 ? [kernel(slab - 1)] : [])
        }
    }
    return [tiles(0)]
      + (0..<chunks.count).map { chunk in slabs.indices.map { multiply(chunk, $0) } + tiles(chunk + 1) }
      + [slabs.indices.map(kernel)]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (task, unit) = tasks.find(stage: stage, unit: unit)
    switch task {
    case .tiles(let chunk): transform(chunk: chunk, unit: unit, operands)
    case .multiply(let chunk, let slab): multiply(chunk: chunk, slab: slab, unit: unit, operands)
    case .kernel(let slab): finish(slab: slab, unit: unit, operands)
    }
  }

  /// Computes V and W of some tiles.
  private func transform(chunk: Int, unit: Int, _ operands: PassOperands) {
    let part = WinogradUnits.tiles(chunks[chunk].count)[unit]
    let tiles = part.shifted(by: chunks[chunk].lowerBound)
    transforms.input(
      tiles: tiles, channels: 0..<inputChannels, operands.input,
      into: input(chunk, operands).from(row: part.lowerBound))
    transforms.outputGradient(
      tiles: tiles, channels: 0..<outputChannels, operands.outputGradient,
      into: gradient(chunk, operands).from(row: part.lowerBound))
  }

  /// Computes some rows of one position of P.
  private func multiply(chunk: Int, slab index: Int, unit: Int, _ operands: PassOperands) {
    let slab = slabs[index]
    let parts = WinogradUnits.productRows(slab.groupInputs)
    let (part, position) = unit.quotientAndRemainder(dividingBy: transforms.tile.positions)
    let rows = parts[part]
    for group in 0..<slab.groups {
      let (first, output) = (slab.inputs.lowerBound + group * slab.groupInputs, group * slab.groupOutputs)
      WinogradUnits.multiply(
        rows: rows.count, columns: slab.groupOutputs, k: chunks[chunk].count, position: position,
        leftTransposed: true, input(chunk, operands).from(row: 0, channel: first + rows.lowerBound),
        gradient(chunk, operands).from(row: 0, channel: slab.outputs.lowerBound + output),
        into: product(index, operands).from(row: rows.lowerBound, channel: output), accumulate: chunk > 0)
    }
  }

  /// Transforms some rows of P to the kernel gradient.
  private func finish(slab index: Int, unit: Int, _ operands: PassOperands) {
    let part = WinogradUnits.kernelRows(slabs[index].groupInputs)[unit]
    transforms.kernelGradient(
      inputs: part, outputs: slabs[index].outputs, of: product(index, operands).from(row: part.lowerBound),
      accumulate: operands.accumulates, into: operands.result)
  }

  private func input(_ chunk: Int, _ operands: PassOperands) -> WinogradPoints {
    inputs.points(chunk, rows: chunks[chunk].count, channels: inputChannels, operands.shared)
  }

  private func gradient(_ chunk: Int, _ operands: PassOperands) -> WinogradPoints {
    gradients.points(chunk, rows: chunks[chunk].count, channels: outputChannels, operands.shared)
  }

  private func product(_ slab: Int, _ operands: PassOperands) -> WinogradPoints {
    products.points(
      slab, rows: slabs[slab].groupInputs, channels: slabs[slab].outputs.count, operands.shared)
  }
}
