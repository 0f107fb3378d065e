/// All lowerings, one row each.
///
/// This is the only place that chooses: `.automatic` takes the row with the least predicted cost, and a named
/// lowering its own row. A new lowering is one more row here, its passes, and its bound in `LoweringBound`;
/// the tests of exactness, bounds, bits, scratch and non-finite values run over the rows.
package enum LoweringTable {
  /// The rows; the first of equal cost is taken.
  package static let rows: [LoweringRow] = [
    im2col, gemm, direct, singleChannelRows, depthwise, grouped, winograd2, winograd4, sparse,
  ]

  /// Returns the row for a problem under a lowering, determined only by the two.
  ///
  /// - Returns: the cheapest supporting row for `.automatic`; otherwise the named row if it supports the
  ///   problem, or else `im2col`.
  package static func row(for problem: ConvolutionProblem, _ lowering: Lowering) -> LoweringRow {
    if lowering != .automatic {
      return rows.first { $0.lowering == lowering && $0.supports(problem) } ?? im2col
    }
    let costs = rows.filter { $0.supports(problem) }.map { (row: $0, cost: $0.cost(problem)) }
    return costs.min { $0.cost < $1.cost }?.row ?? im2col
  }

  /// Returns the pass for a problem under a lowering.
  package static func makePass(_ problem: ConvolutionProblem, _ lowering: Lowering) -> LoweredPass {
    row(for: problem, lowering).make(problem)
  }
}

extension LoweringTable {
  static let im2col = LoweringRow(
    lowering: .im2col, exactIntegers: true,
    forward: .init(
      supports: { _ in true }, terms: columnTerms, make: { Im2colForward($0, gathers: true) }),
    inputGradient: .init(supports: { _ in true }, terms: columnTerms, make: { Col2imInputGradient($0) }),
    kernelGradient: .init(
      supports: { _ in true }, terms: columnTerms, make: { Im2colKernelGradient($0, gathers: true) }))

  static let gemm = LoweringRow(
    lowering: .gemm, exactIntegers: true, forward: gemmForward, inputGradient: .rotated(gemmForward),
    kernelGradient: .init(
      supports: { $0.geometry.isPointwise }, terms: productTerms,
      make: { Im2colKernelGradient($0, gathers: false) }))

  private static let gemmForward = LoweringRow.Entry(
    supports: { $0.geometry.isPointwise }, terms: productTerms,
    make: { Im2colForward($0, gathers: false) })

  static let direct = LoweringRow(
    lowering: .direct, exactIntegers: true, forward: directForward, inputGradient: .rotated(directForward),
    kernelGradient: .init(
      supports: DirectRule.supportsGradient, terms: DirectRule.gradientTerms,
      make: { DirectKernelGradient($0) }))

  private static let directForward = LoweringRow.Entry(
    supports: DirectRule.supports, terms: DirectRule.terms, make: { DirectForward($0) })

  static let singleChannelRows = LoweringRow(
    lowering: .rows, exactIntegers: true,
    forward: .init(
      pools: DirectRowsForward.pools, supports: DirectRowsForward.supports, terms: DirectRowsForward.terms,
      make: { DirectRowsForward($0) }))

  static let depthwise = groups(.depthwise, of: [1])
  static let grouped = groups(.grouped, of: [2, 4, 8, 16])

  /// - Parameter sizes: the channels of a group.
  private static func groups(_ lowering: Lowering, of sizes: [Int]) -> LoweringRow {
    let forward = LoweringRow.Entry(
      supports: { GroupedRule.supports($0, sizes: sizes) }, terms: GroupedRule.terms,
      make: { GroupedForward($0) })
    let rotated = LoweringRow.Entry.rotated(forward)
    return LoweringRow(
      lowering: lowering, exactIntegers: true, forward: forward,
      inputGradient: .init(
        nonFinite: .atLeastItsUses, supports: { GroupedRule.supportsInputGradient($0, sizes: sizes) },
        terms: { rotated.supports($0) ? rotated.terms($0) : GroupedRule.terms($0) },
        make: { rotated.supports($0) ? rotated.make($0) : GroupedInputGradient($0) }),
      kernelGradient: .init(
        supports: { GroupedRule.supports($0, sizes: sizes) }, terms: GroupedRule.terms,
        make: { GroupedKernelGradient($0) }))
  }

  static let sparse = LoweringRow(
    lowering: .sparse, exactIntegers: true,
    inputGradient: .init(
      nonFinite: .atMostItsUses, pools: { _ in true }, supports: SparseGradients.supportsInputGradient,
      terms: SparseGradients.terms, make: { SparseInputGradient($0) }),
    kernelGradient: .init(
      nonFinite: .atMostItsUses, pools: { _ in true }, supports: SparseGradients.supportsKernelGradient,
      terms: SparseGradients.terms, make: { SparseKernelGradient($0) }))

  static let winograd2 = winograd(.winograd2, [.two, .twoByFive, .lineOfSeven])
  static let winograd4 = winograd(.winograd4, [.four, .lineOfThree, .lineOfFive])

  /// - Parameter tiles: at most one of them fits a problem.
  private static func winograd(_ lowering: Lowering, _ tiles: [WinogradTile]) -> LoweringRow {
    func entry<Cut>(
      _ cut: @escaping @Sendable (ConvolutionProblem, WinogradTile) -> Cut?,
      terms: @escaping @Sendable (ConvolutionGeometry, Cut) -> CostTerms,
      make: @escaping @Sendable (ConvolutionGeometry, Cut) -> any ConvolutionPass
    ) -> LoweringRow.Entry {
      let cut = { @Sendable (problem: ConvolutionProblem) in
        tiles.first { $0.fits(problem.geometry) }.flatMap { cut(problem, $0) }
      }
      return .init(
        nonFinite: .atLeastItsUses, supports: { cut($0) != nil },
        terms: { problem in cut(problem).map { terms(problem.geometry, $0) } ?? CostTerms() },
        make: { problem in
          guard let cut = cut(problem) else {
            preconditionFailure("\(lowering) does not support the problem")
          }
          return make(problem.geometry, cut)
        })
    }
    let forward = entry(
      { WinogradCut($0, $1) }, terms: WinogradRule.terms, make: { WinogradForward($0, $1) })
    return LoweringRow(
      lowering: lowering, exactIntegers: false, forward: forward, inputGradient: .rotated(forward),
      kernelGradient: entry(
        { WinogradGradientCut($0, $1) }, terms: WinogradRule.terms, make: { WinogradKernelGradient($0, $1) }))
  }
}

// MARK: - Amounts of work of the column lowerings

extension LoweringTable {
  /// A product without columns: sgemm's multiplications, with partial vectors of output channels as whole
  /// ones.
  @Sendable private static func productTerms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry
    let rows = geometry.pixels * geometry.groups
    return CostTerms(
      multiplications: Double(rows) * Double(geometry.patchLength)
        * Double(vectors(geometry.groupOutputChannels)),
      moved: Double(rows) * Double(geometry.groupOutputChannels) + Double(geometry.kernelCount),
      calls: Double(geometry.groups))
  }

  /// The same, and the columns that are gathered or scattered.
  @Sendable private static func columnTerms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry
    return productTerms(problem)
      + CostTerms(
        moved: Double(geometry.pixels) * Double(geometry.groups * geometry.patchLength))
  }

  /// Returns a number of channels rounded up to whole vectors of 16.
  static func vectors(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
}
