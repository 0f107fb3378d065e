/// Forward pass by Winograd's minimal filtering at stride 1: tiles of outputs as matrix products, one for
/// each of the n^2 positions of a transformed tile, with a fraction of the multiplications of im2col.
///
///     kernel --G g G'--> U [position][inputs x outputs]
///     input  --B' d B--> V [position][tiles x inputs]
///     V * U = P [position][tiles x outputs] --A' p A--> output, bias, activation
///
/// The batch is processed in chunks of tiles, the output channels in slabs. U, V and P are in memory that all
/// workers share, and small enough for the last-level cache. U is several times as large as the kernel; if it
/// is too large to keep, each slab is computed just before its use:
///
///     step (chunk, slab)   0,0        0,1        0,2        1,0    ...
///     stage 0    input 0, kernel 0
///     stage 1    multiply ----- kernel 1
///     stage 2    output ------- multiply ----- kernel 2
///     stage 3               output ------- multiply ----- input 1, kernel 0
///     ...
///
/// Each stage reads what the stage before it wrote, so there are two buffers of each kind. Source: Lavin and
/// Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.
package struct WinogradForward: ConvolutionPass {
  let transforms: WinogradTransforms
  let inputChannels: Int
  let chunks: EvenCut
  let slabs: [ChannelSlab]
  private let inputs: WinogradRing
  private let kernels: WinogradRing
  private let products: WinogradRing
  private let tasks: StagedTasks<Task>

  package let scratchFloats = 0
  package let sharedFloats: Int
  package var stages: [Int] { tasks.counts }
  package var multiplicationRatio: Double { transforms.tile.multiplicationRatio }

  private struct Task {
    enum Kind { case input, kernel, multiply, output }

    let kind: Kind
    /// The chunk and the slab, as one number.
    let step: Int
  }

  /// - Parameter keptKernelFloats: the maximum number of scalars of transformed kernels that are kept for all
  ///   chunks; a parameter for tests.
  package init(
    _ geometry: ConvolutionGeometry, tile: WinogradTile,
    keptKernelFloats: Int = WinogradRule.keptKernelFloats
  ) {
    precondition(tile.fits(geometry))
    transforms = WinogradTransforms(geometry, tile)
    inputChannels = geometry.inputChannels
    chunks = EvenCut(tile.count(geometry), atMost: WinogradRule.tilesInChunk)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let (widest, kernelScalars) = (ChannelSlab.widest(slabs), slabs.map { $0.kernelScalars(tile) }.max() ?? 0)
    // Transformed kernels are computed once if there are at most two slabs, or if all fit in the cache;
    // otherwise there are two buffers.
    let keepsKernels = slabs.count <= 2 || chunks.count > 1 && kernelScalars * slabs.count <= keptKernelFloats
    inputs = WinogradRing(
      after: nil, blockScalars: WinogradPoints.scalarCount(tile, rows: chunks.size, channels: inputChannels),
      count: min(chunks.count, 2))
    kernels = WinogradRing(
      after: inputs, blockScalars: kernelScalars, count: keepsKernels ? slabs.count : 2)
    products = WinogradRing(
      after: kernels, blockScalars: WinogradPoints.scalarCount(tile, rows: chunks.size, channels: widest),
      count: min(chunks.count * slabs.count, 2))
    sharedFloats = products.end
    tasks = StagedTasks(
      WinogradForward.schedule(tile, chunks: chunks, slabs: slabs, keepsKernels: keepsKernels),
      inPartitions: WinogradUnits.productTiles(chunks.size).count > 1)
  }

  /// Returns the tasks of every stage, as in the picture above.
  private static func schedule(
    _ tile: WinogradTile, chunks: EvenCut, slabs: [ChannelSlab], keepsKernels: Bool
  ) -> [[StagedTasks<Task>.TaskUnits]] {
    let steps = chunks.count * slabs.count
    func units(_ kind: Task.Kind, _ step: Int) -> StagedTasks<Task>.TaskUnits? {
      guard (0..<steps).contains(step) else { return nil }
      let (tiles, slab) = (chunks[step / slabs.count].count, slabs[step % slabs.count])
      let units: Int
      switch kind {
      case .input:
        guard step % slabs.count == 0 else { return nil }
        units = WinogradUnits.tiles(tiles).count
      case .kernel:
        if keepsKernels && step >= slabs.count { return nil }
        units = WinogradUnits.kernelRows(slab.groupInputs).count
      case .multiply: units = tile.positions * WinogradUnits.productTiles(tiles).count
      case .output: units = WinogradUnits.tiles(tiles).count
      }
      return .init(task: Task(kind: kind, step: step), units: units)
    }
    return (0..<(steps == 0 ? 0 : steps + 2)).map { stage in
      [units(.multiply, stage - 1), units(.output, stage - 2), units(.kernel, stage), units(.input, stage)]
        .compactMap { $0 }
    }
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (task, unit) = tasks.find(stage: stage, unit: unit)
    run(task, unit: unit, operands)
  }

  private func run(_ task: Task, unit: Int, _ operands: PassOperands) {
    let (chunk, index) = task.step.quotientAndRemainder(dividingBy: slabs.count)
    let (tiles, slab, shared) = (chunks[chunk], slabs[index], operands.shared)
    let transformed = inputs.points(chunk, rows: tiles.count, channels: inputChannels, shared)
    let kernel = kernels.points(
      kernels.count == slabs.count ? index : task.step, rows: slab.groupInputs, channels: slab.outputs.count,
      shared)
    let product = products.points(task.step, rows: tiles.count, channels: slab.outputs.count, shared)

    switch task.kind {
    case .input:
      let part = WinogradUnits.tiles(tiles.count)[unit]
      transforms.input(
        tiles: part.shifted(by: tiles.lowerBound), channels: 0..<inputChannels, operands.input,
        into: transformed.from(row: part.lowerBound))
    case .kernel:
      let part = WinogradUnits.kernelRows(slab.groupInputs)[unit]
      transforms.kernel(
        inputs: part, outputs: slab.outputs, operands.kernel, into: kernel.from(row: part.lowerBound))
    case .multiply:
      let parts = WinogradUnits.productTiles(tiles.count)
      let (part, position) = unit.quotientAndRemainder(dividingBy: transforms.tile.positions)
      let rows = parts[part]
      for group in 0..<slab.groups {
        let (input, output) = (slab.inputs.lowerBound + group * slab.groupInputs, group * slab.groupOutputs)
        WinogradUnits.multiply(
          rows: rows.count, columns: slab.groupOutputs, k: slab.groupInputs, position: position,
          transformed.from(row: rows.lowerBound, channel: input), kernel.from(row: 0, channel: output),
          into: product.from(row: rows.lowerBound, channel: output))
      }
    case .output:
      let part = WinogradUnits.tiles(tiles.count)[unit]
      transforms.output(
        tiles: part.shifted(by: tiles.lowerBound), channels: slab.outputs,
        of: product.from(row: part.lowerBound), operands)
    }
  }
}
