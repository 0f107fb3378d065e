/// Forward by Winograd's minimal filtering at stride 1: tiles of outputs as matrix products, one for each of the n^2
/// positions of a transformed tile, with a fraction of im2col's multiplications.
///
///     kernel --G g G'--> U [position][inputs x outputs]
///     input  --B' d B--> V [position][tiles x inputs]
///     V * U = P [position][tiles x outputs] --A' p A--> output, bias, activation
///
/// The batch is taken in runs of tiles, the output channels in slabs. U, V and P lie in memory that all workers share
/// and are small enough for the last cache level. U as a whole is several times the kernel; where it is too large
/// to stay, a slab of it is made just before it is used:
///
///     step (run, slab)     0,0        0,1        0,2        1,0    ...
///     stage 0    input 0, kernel 0
///     stage 1    multiply ----- kernel 1
///     stage 2    output ------- multiply ----- kernel 2
///     stage 3               output ------- multiply ----- input 1, kernel 0
///     ...
///
/// What a stage writes, the next one reads, so two of each take turns. Source: Lavin and Gray, "Fast
/// Algorithms for Convolutional Neural Networks" (2015), section 4.
package struct WinogradForward: ConvolutionPass {
  let transforms: WinogradTransforms
  let inputChannels: Int
  let runs: EvenCut
  let slabs: [ChannelSlab]
  private let inputs: WinogradRing
  private let kernels: WinogradRing
  private let products: WinogradRing
  private let jobs: [[Job]]

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats: Int
  package let loweringName: LoweringName
  package var shareOfProducts: Double { transforms.tile.shareOfProducts }

  /// Units of a stage that do the same for one step.
  private struct Job {
    enum Kind { case input, kernel, multiply, output }

    let kind: Kind
    let step: Int
    let units: Int
  }

  /// - Parameter keptKernelFloats: scalars of transformed kernels that may stay from run to run; tests set it.
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
    // Kernels that fit beside the rest are made once, in the first run, and stay; so are those that fill a ring.
    let keepsKernels = slabs.count <= 2 || kernelRoom * slabs.count <= keptKernelFloats
    let ring = runs.count > 1 && keepsKernels ? slabs.count : min(slabs.count, 2)
    inputs = WinogradRing(
      behind: nil, room: WinogradPoints.room(tile, rows: runs.size, channels: inputChannels),
      count: min(runs.count, 2))
    kernels = WinogradRing(behind: inputs, room: kernelRoom, count: ring)
    products = WinogradRing(
      behind: kernels, room: WinogradPoints.room(tile, rows: runs.size, channels: widest),
      count: min(runs.count * slabs.count, 2))
    sharedFloats = products.end
    loweringName = tile.name
    jobs = WinogradForward.schedule(
      tile, runs: runs, slabs: slabs, keepsKernels: keepsKernels)
    stages = jobs.map { $0.reduce(0) { $0 + $1.units } }
  }

  /// The jobs of every stage, as in the picture above.
  private static func schedule(
    _ tile: WinogradTile, runs: EvenCut, slabs: [ChannelSlab], keepsKernels: Bool
  ) -> [[Job]] {
    let steps = runs.count * slabs.count
    func job(_ kind: Job.Kind, _ step: Int) -> Job? {
      guard (0..<steps).contains(step) else { return nil }
      let (tiles, slab) = (runs[step / slabs.count].count, slabs[step % slabs.count])
      switch kind {
      case .input:
        guard step % slabs.count == 0 else { return nil }
        return Job(kind: kind, step: step, units: WinogradUnits.tiles(tiles).count)
      case .kernel:
        if keepsKernels && step >= slabs.count { return nil }
        return Job(kind: kind, step: step, units: WinogradUnits.kernelRows(slab.inputs.count).count)
      case .multiply:
        return Job(kind: kind, step: step, units: tile.positions * WinogradUnits.productRows(tiles).count)
      case .output:
        return Job(kind: kind, step: step, units: WinogradUnits.tiles(tiles).count)
      }
    }
    // The longest units first, so that workers end together.
    return (0..<(steps == 0 ? 0 : steps + 2)).map { stage in
      [job(.multiply, stage - 1), job(.output, stage - 2), job(.kernel, stage), job(.input, stage)]
        .compactMap { $0 }
    }
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    var unit = unit
    for job in jobs[stage] {
      if unit < job.units { return run(job, unit: unit, operands) }
      unit -= job.units
    }
  }

  private func run(_ job: Job, unit: Int, _ operands: PassOperands) {
    let (run, index) = job.step.quotientAndRemainder(dividingBy: slabs.count)
    let (tiles, slab, shared) = (runs[run], slabs[index], operands.shared)
    let transformed = inputs.points(run, rows: tiles.count, channels: inputChannels, shared)
    let kernel = kernels.points(
      kernels.count == slabs.count ? index : job.step, rows: slab.inputs.count, channels: slab.outputs.count,
      shared)
    let product = products.points(job.step, rows: tiles.count, channels: slab.outputs.count, shared)

    switch job.kind {
    case .input:
      let part = WinogradUnits.tiles(tiles.count)[unit]
      transforms.input(
        tiles: part.shifted(by: tiles.lowerBound), channels: 0..<inputChannels, operands.left,
        into: transformed.from(row: part.lowerBound))
    case .kernel:
      let part = WinogradUnits.kernelRows(slab.inputs.count)[unit]
      transforms.kernel(
        inputs: part, outputs: slab.outputs, operands.right, into: kernel.from(row: part.lowerBound))
    case .multiply:
      let parts = WinogradUnits.productRows(tiles.count)
      let (position, part) = unit.quotientAndRemainder(dividingBy: parts.count)
      let rows = parts[part]
      WinogradUnits.multiply(
        rows: rows.count, columns: slab.outputs.count, terms: slab.inputs.count, position: position,
        transformed.from(row: rows.lowerBound, channel: slab.inputs.lowerBound), kernel,
        into: product.from(row: rows.lowerBound))
    case .output:
      let part = WinogradUnits.tiles(tiles.count)[unit]
      transforms.output(
        tiles: part.shifted(by: tiles.lowerBound), channels: slab.outputs,
        of: product.from(row: part.lowerBound), operands)
    }
  }
}
