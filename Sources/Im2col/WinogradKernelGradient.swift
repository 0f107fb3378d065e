/// Kernel gradient by Winograd's F(r x r, m x m): each m x m tile of the output gradient is correlated with
/// the n x n input pixels of its windows, as products over tiles at n^2 positions.
///
///     input           --B' d B--> V [position][tiles x inputs], transposed
///     output gradient --G g G'--> W [position][tiles x outputs]
///     sum over tiles of V * W = P [position][inputs x outputs] --A' p A--> kernel gradient
///
/// The batch is processed in runs of tiles. The sum of their products has the size of a transformed kernel
/// and is kept until the last run. A single run processes one slab of outputs at a time, because the products
/// of all slabs together would not stay in cache:
///
///     several runs                                    one run
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
  let runs: EvenCut
  let slabs: [ChannelSlab]
  private let inputs: WinogradRing
  private let gradients: WinogradRing
  private let products: WinogradRing
  private let jobs: StagedJobs<Job>

  package let scratchFloats = 0
  package let sharedFloats: Int
  package var stages: [Int] { jobs.counts }
  package var loweringName: LoweringName { transforms.tile.name }
  package var shareOfProducts: Double { transforms.tile.shareOfProducts }

  /// The work of one run, one slab, or one slab of a run.
  private enum Job {
    case tiles(run: Int)
    case multiply(run: Int, slab: Int)
    case kernel(slab: Int)
  }

  package init(_ geometry: ConvolutionGeometry, tile: WinogradTile) {
    precondition(tile.fits(geometry))
    transforms = WinogradTransforms(geometry, tile)
    (inputChannels, outputChannels) = (geometry.inputChannels, geometry.outputChannels)
    runs = EvenCut(tile.count(geometry), atMost: WinogradRule.tilesInRun)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let ring = min(runs.count, 2)
    inputs = WinogradRing(
      after: nil, room: WinogradPoints.room(tile, rows: runs.size, channels: inputChannels), count: ring)
    gradients = WinogradRing(
      after: inputs, room: WinogradPoints.room(tile, rows: runs.size, channels: outputChannels), count: ring)
    products = WinogradRing(
      after: gradients, room: slabs.map { $0.kernelRoom(tile) }.max() ?? 0,
      count: runs.count > 1 ? slabs.count : min(slabs.count, 2))
    sharedFloats = products.end
    jobs = StagedJobs(WinogradKernelGradient.schedule(tile, runs: runs, slabs: slabs))
  }

  /// Returns the jobs of every stage, as in the picture above.
  private static func schedule(
    _ tile: WinogradTile, runs: EvenCut, slabs: [ChannelSlab]
  ) -> [[StagedJobs<Job>.JobUnits]] {
    func tiles(_ run: Int) -> [StagedJobs<Job>.JobUnits] {
      run < runs.count
        ? [.init(job: .tiles(run: run), units: WinogradUnits.tiles(runs[run].count).count)] : []
    }
    func multiply(_ run: Int, _ slab: Int) -> StagedJobs<Job>.JobUnits {
      let rows = WinogradUnits.productRows(slabs[slab].groupInputs)
      return .init(job: .multiply(run: run, slab: slab), units: tile.positions * rows.count)
    }
    func kernel(_ slab: Int) -> StagedJobs<Job>.JobUnits {
      .init(job: .kernel(slab: slab), units: WinogradUnits.kernelRows(slabs[slab].groupInputs).count)
    }
    // An empty batch has no runs; the caller sets its gradient to zero.
    if runs.count == 0 { return [] }
    if runs.count == 1 {
      return [tiles(0)]
        + (0...slabs.count).map { slab in
          (slab < slabs.count ? [multiply(0, slab)] : []) + (slab > 0 ? [kernel(slab - 1)] : [])
        }
    }
    return [tiles(0)]
      + (0..<runs.count).map { run in slabs.indices.map { multiply(run, $0) } + tiles(run + 1) }
      + [slabs.indices.map(kernel)]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (job, unit) = jobs.find(stage: stage, unit: unit)
    switch job {
    case .tiles(let run): transform(run: run, unit: unit, operands)
    case .multiply(let run, let slab): multiply(run: run, slab: slab, unit: unit, operands)
    case .kernel(let slab): finish(slab: slab, unit: unit, operands)
    }
  }

  /// Computes V and W of some tiles.
  private func transform(run: Int, unit: Int, _ operands: PassOperands) {
    let part = WinogradUnits.tiles(runs[run].count)[unit]
    let tiles = part.shifted(by: runs[run].lowerBound)
    transforms.input(
      tiles: tiles, channels: 0..<inputChannels, operands.input,
      into: input(run, operands).from(row: part.lowerBound))
    transforms.outputGradient(
      tiles: tiles, channels: 0..<outputChannels, operands.outputGradient,
      into: gradient(run, operands).from(row: part.lowerBound))
  }

  /// Computes some rows of one position of P.
  private func multiply(run: Int, slab index: Int, unit: Int, _ operands: PassOperands) {
    let slab = slabs[index]
    let parts = WinogradUnits.productRows(slab.groupInputs)
    let (position, part) = unit.quotientAndRemainder(dividingBy: parts.count)
    let rows = parts[part]
    for group in 0..<slab.groups {
      let (first, output) = (slab.inputs.lowerBound + group * slab.groupInputs, group * slab.groupOutputs)
      WinogradUnits.multiply(
        rows: rows.count, columns: slab.groupOutputs, k: runs[run].count, position: position,
        leftTransposed: true, input(run, operands).from(row: 0, channel: first + rows.lowerBound),
        gradient(run, operands).from(row: 0, channel: slab.outputs.lowerBound + output),
        into: product(index, operands).from(row: rows.lowerBound, channel: output), accumulate: run > 0)
    }
  }

  /// Transforms some rows of P to the kernel gradient.
  private func finish(slab index: Int, unit: Int, _ operands: PassOperands) {
    let part = WinogradUnits.kernelRows(slabs[index].groupInputs)[unit]
    transforms.kernelGradient(
      inputs: part, outputs: slabs[index].outputs, of: product(index, operands).from(row: part.lowerBound),
      accumulate: operands.accumulates, into: operands.result)
  }

  private func input(_ run: Int, _ operands: PassOperands) -> WinogradPoints {
    inputs.points(run, rows: runs[run].count, channels: inputChannels, operands.shared)
  }

  private func gradient(_ run: Int, _ operands: PassOperands) -> WinogradPoints {
    gradients.points(run, rows: runs[run].count, channels: outputChannels, operands.shared)
  }

  private func product(_ slab: Int, _ operands: PassOperands) -> WinogradPoints {
    products.points(
      slab, rows: slabs[slab].groupInputs, channels: slabs[slab].outputs.count, operands.shared)
  }
}
