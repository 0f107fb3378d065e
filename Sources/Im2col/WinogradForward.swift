/// Forward pass by Winograd's minimal filtering at stride 1: tiles of outputs as matrix products, one for
/// each of the n^2 positions of a transformed tile, with a fraction of the multiplications of im2col.
///
///     kernel --G g G'--> U [position][inputs x outputs]
///     input  --B' d B--> V [position][tiles x inputs]
///     V * U = P [position][tiles x outputs] --A' p A--> output, bias, activation
///
/// The batch is processed in runs of tiles, the output channels in slabs. U, V and P are in memory that all
/// workers share, and small enough for the last-level cache. U is several times as large as the kernel; if it
/// is too large to keep, each slab is computed just before its use:
///
///     step (run, slab)     0,0        0,1        0,2        1,0    ...
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
  let runs: EvenCut
  let slabs: [ChannelSlab]
  private let inputs: WinogradRing
  private let kernels: WinogradRing
  private let products: WinogradRing
  private let jobs: StagedJobs<Job>

  package let scratchFloats = 0
  package let sharedFloats: Int
  package var stages: [Int] { jobs.counts }
  package var loweringName: LoweringName { transforms.tile.name }
  package var shareOfProducts: Double { transforms.tile.shareOfProducts }

  private struct Job {
    enum Kind { case input, kernel, multiply, output }

    let kind: Kind
    /// The run and the slab, as one number.
    let step: Int
  }

  /// - Parameter keptKernelFloats: scalars of transformed kernels that may be kept for all runs; tests set
  ///   it.
  package init(
    _ geometry: ConvolutionGeometry, tile: WinogradTile,
    keptKernelFloats: Int = WinogradRule.keptKernelFloats
  ) {
    precondition(tile.fits(geometry))
    transforms = WinogradTransforms(geometry, tile)
    inputChannels = geometry.inputChannels
    runs = EvenCut(tile.count(geometry), atMost: WinogradRule.tilesInRun)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let (widest, kernelRoom) = (ChannelSlab.widest(slabs), slabs.map { $0.kernelRoom(tile) }.max() ?? 0)
    // Computed once and kept for all runs if they fit in the cache; otherwise there are two buffers.
    let keepsKernels = slabs.count <= 2 || runs.count > 1 && kernelRoom * slabs.count <= keptKernelFloats
    inputs = WinogradRing(
      after: nil, room: WinogradPoints.room(tile, rows: runs.size, channels: inputChannels),
      count: min(runs.count, 2))
    kernels = WinogradRing(
      after: inputs, room: kernelRoom, count: keepsKernels ? slabs.count : 2)
    products = WinogradRing(
      after: kernels, room: WinogradPoints.room(tile, rows: runs.size, channels: widest),
      count: min(runs.count * slabs.count, 2))
    sharedFloats = products.end
    jobs = StagedJobs(
      WinogradForward.schedule(tile, runs: runs, slabs: slabs, keepsKernels: keepsKernels),
      inPartitions: WinogradUnits.productTiles(runs.size).count > 1)
  }

  /// Returns the jobs of every stage, as in the picture above.
  private static func schedule(
    _ tile: WinogradTile, runs: EvenCut, slabs: [ChannelSlab], keepsKernels: Bool
  ) -> [[StagedJobs<Job>.JobUnits]] {
    let steps = runs.count * slabs.count
    func units(_ kind: Job.Kind, _ step: Int) -> StagedJobs<Job>.JobUnits? {
      guard (0..<steps).contains(step) else { return nil }
      let (tiles, slab) = (runs[step / slabs.count].count, slabs[step % slabs.count])
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
      return .init(job: Job(kind: kind, step: step), units: units)
    }
    return (0..<(steps == 0 ? 0 : steps + 2)).map { stage in
      [units(.multiply, stage - 1), units(.output, stage - 2), units(.kernel, stage), units(.input, stage)]
        .compactMap { $0 }
    }
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (job, unit) = jobs.find(stage: stage, unit: unit)
    run(job, unit: unit, operands)
  }

  private func run(_ job: Job, unit: Int, _ operands: PassOperands) {
    let (run, index) = job.step.quotientAndRemainder(dividingBy: slabs.count)
    let (tiles, slab, shared) = (runs[run], slabs[index], operands.shared)
    let transformed = inputs.points(run, rows: tiles.count, channels: inputChannels, shared)
    let kernel = kernels.points(
      kernels.count == slabs.count ? index : job.step, rows: slab.groupInputs, channels: slab.outputs.count,
      shared)
    let product = products.points(job.step, rows: tiles.count, channels: slab.outputs.count, shared)

    switch job.kind {
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
