/// The kernel's gradient by Winograd's F(r x r, m x m): each m x m tile of the output's gradient is correlated
/// with the n x n input pixels that it depends on, as products over tiles at n^2 positions.
///
///     input           --B' d B--> V [position][tiles x inputs], transposed
///     output gradient --G g G'--> W [position][tiles x outputs]
///     sum over tiles of V * W = P [position][inputs x outputs] --A' p A--> kernel's gradient
///
/// The batch is taken in runs of tiles, whose products are added up and stay until the last run, as many as a
/// transformed kernel has. With a single run the products are taken a slab of outputs at a time, because all of them
/// would go to memory and back:
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
  private let jobs: [[Job]]

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats: Int
  package var loweringName: LoweringName { transforms.tile.name }
  package var shareOfProducts: Double { transforms.tile.shareOfProducts }

  /// Units of a stage that do the same for one run, or one slab of a run.
  private struct Job {
    enum Kind { case tiles, multiply, kernel }

    let kind: Kind
    let run: Int
    let slab: Int
    let units: Int
  }

  package init(_ geometry: ConvolutionGeometry, tile: WinogradTile) {
    precondition(tile.fits(geometry))
    transforms = WinogradTransforms(geometry, tile)
    (inputChannels, outputChannels) = (geometry.inputChannels, geometry.outputChannels)
    runs = EvenCut(tile.count(geometry), atMost: WinogradRule.tilesInRun)
    slabs = ChannelSlab.cut(geometry, outputsAtMost: WinogradRule.slabOutputs)
    let ring = min(runs.count, 2)
    inputs = WinogradRing(
      behind: nil, room: WinogradPoints.room(tile, rows: runs.size, channels: inputChannels), count: ring)
    gradients = WinogradRing(
      behind: inputs, room: WinogradPoints.room(tile, rows: runs.size, channels: outputChannels), count: ring)
    products = WinogradRing(
      behind: gradients, room: slabs.map { $0.kernelRoom(tile) }.max() ?? 0,
      count: runs.count > 1 ? slabs.count : min(slabs.count, 2))
    sharedFloats = products.end
    jobs = WinogradKernelGradient.schedule(tile, runs: runs, slabs: slabs)
    stages = jobs.map { $0.reduce(0) { $0 + $1.units } }
  }

  /// The jobs of every stage, as in the picture above.
  private static func schedule(_ tile: WinogradTile, runs: EvenCut, slabs: [ChannelSlab]) -> [[Job]] {
    func tiles(_ run: Int) -> Job? {
      guard run < runs.count else { return nil }
      return Job(kind: .tiles, run: run, slab: 0, units: WinogradUnits.tiles(runs[run].count).count)
    }
    func multiply(_ run: Int, _ slab: Int) -> Job {
      let rows = WinogradUnits.productRows(slabs[slab].inputs.count)
      return Job(kind: .multiply, run: run, slab: slab, units: tile.positions * rows.count)
    }
    func kernel(_ slab: Int) -> Job {
      let rows = WinogradUnits.kernelRows(slabs[slab].inputs.count)
      return Job(kind: .kernel, run: 0, slab: slab, units: rows.count)
    }
    // An empty batch has no runs; its gradient is zeroed by whoever asks for it.
    if runs.count == 0 { return [] }
    if runs.count == 1 {
      let pipeline = (0...slabs.count).map { slab in
        (slab < slabs.count ? [multiply(0, slab)] : []) + (slab > 0 ? [kernel(slab - 1)] : [])
      }
      return [[tiles(0)].compactMap { $0 }] + pipeline
    }
    let sums = (0..<runs.count).map { run in
      slabs.indices.map { multiply(run, $0) } + [tiles(run + 1)].compactMap { $0 }
    }
    return [[tiles(0)].compactMap { $0 }] + sums + [slabs.indices.map(kernel)]
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
    let (tiles, slab, shared) = (runs[job.run], slabs[job.slab], operands.shared)
    let input = inputs.points(job.run, rows: tiles.count, channels: inputChannels, shared)
    let gradient = gradients.points(job.run, rows: tiles.count, channels: outputChannels, shared)
    let product = products.points(job.slab, rows: slab.inputs.count, channels: slab.outputs.count, shared)

    switch job.kind {
    case .tiles:
      let part = WinogradUnits.tiles(tiles.count)[unit]
      let tiles = part.shifted(by: tiles.lowerBound)
      transforms.input(
        tiles: tiles, channels: 0..<inputChannels, operands.left, into: input.from(row: part.lowerBound))
      transforms.outputGradient(
        tiles: tiles, channels: 0..<outputChannels, operands.right, into: gradient.from(row: part.lowerBound))
    case .multiply:
      let parts = WinogradUnits.productRows(slab.inputs.count)
      let (position, part) = unit.quotientAndRemainder(dividingBy: parts.count)
      let rows = parts[part]
      WinogradUnits.multiply(
        rows: rows.count, columns: slab.outputs.count, terms: tiles.count, position: position,
        leftTransposed: true, input.from(row: 0, channel: slab.inputs.lowerBound + rows.lowerBound),
        gradient.from(row: 0, channel: slab.outputs.lowerBound), into: product.from(row: rows.lowerBound),
        accumulate: job.run > 0)
    case .kernel:
      let part = WinogradUnits.kernelRows(slab.inputs.count)[unit]
      transforms.kernelGradient(
        inputs: part, outputs: slab.outputs, of: product.from(row: part.lowerBound),
        accumulate: operands.accumulates, into: operands.result)
    }
  }
}
