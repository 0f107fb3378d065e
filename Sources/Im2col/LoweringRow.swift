/// A row of the table of lowerings.
///
///     problem --supports--> yes --terms--> cost --least of all rows--> make --> pass
package struct LoweringRow: Sendable {
  package let lowering: Lowering
  /// Whether sums of small integers come out exact.
  package let exactIntegers: Bool
  /// The passes that the row computes; nil for those it does not.
  package var forward: Entry?
  package var inputGradient: Entry?
  package var kernelGradient: Entry?

  /// One pass of a row.
  package struct Entry: Sendable {
    /// Which results a NaN or an infinity of an operand reaches.
    package var nonFinite = NonFiniteReach.exactlyItsUses
    /// Whether a forward pass pools its sums itself, or a gradient pass reads the pooled gradient. Other forward
    /// passes are wrapped in ``PooledForward``; for other gradient passes, the caller unpools.
    package var pools: @Sendable (ConvolutionProblem) -> Bool = { _ in false }
    /// Whether the entry computes the pass. Only what is impossible is excluded; what is slow has a high cost.
    package var supports: @Sendable (ConvolutionProblem) -> Bool
    /// The amounts of work that the cost is predicted from.
    package var terms: @Sendable (ConvolutionProblem) -> CostTerms
    /// Creates the pass.
    package var make: @Sendable (ConvolutionProblem) -> any ConvolutionPass
  }

  /// Returns the entry of a pass.
  package subscript(pass: ConvolutionProblem.Pass) -> Entry? {
    switch pass {
    case .forward: forward
    case .inputGradient: inputGradient
    case .kernelGradient: kernelGradient
    }
  }

  /// Returns whether the row computes a problem.
  package func supports(_ problem: ConvolutionProblem) -> Bool {
    self[problem.pass]?.supports(problem) ?? false
  }

  /// Returns the predicted cost, in nanoseconds of the core that the weights were measured on.
  ///
  /// - Precondition: the row supports the problem.
  package func cost(_ problem: ConvolutionProblem) -> Double {
    terms(problem).cost(LoweringWeights.of(lowering, problem.pass))
  }

  /// Returns the amounts of work of a problem, with staging or unpooling where the row does not pool.
  package func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let entry = entry(problem)
    let isStaged = problem.pooling != nil && !entry.pools(problem)
    return entry.terms(problem) + CostTerms(moved: isStaged ? Double(problem.geometry.outputCount) : 0)
  }

  /// Creates the pass for a problem that the row supports.
  package func make(_ problem: ConvolutionProblem) -> LoweredPass {
    let entry = entry(problem)
    let pools = problem.pooling != nil && entry.pools(problem)
    var pass = entry.make(pools ? problem : problem.withoutPooling())
    if let pooling = problem.pooling, problem.pass == .forward, !pools {
      pass = PooledForward(problem.geometry, pooling, pass)
    }
    return LoweredPass(lowering: lowering, readsDenseRows: !pools, pass: pass)
  }

  private func entry(_ problem: ConvolutionProblem) -> Entry {
    guard let entry = self[problem.pass] else { preconditionFailure("\(lowering) has no \(problem.pass)") }
    return entry
  }
}

/// Which results a NaN or an infinity of an operand reaches.
package enum NonFiniteReach: Sendable {
  /// Those that use it, where a tap outside the image counts as a use of the kernel.
  case exactlyItsUses
  /// Those that use it, and others of the same tile or at the border.
  case atLeastItsUses
  /// Some of those that use it; a gradient of zero, or a tap outside the image, skips it.
  case atMostItsUses
}

extension LoweringRow.Entry {
  /// The input gradient as the forward pass of the same row on the rotated kernel.
  static func rotated(_ forward: LoweringRow.Entry) -> LoweringRow.Entry {
    LoweringRow.Entry(
      nonFinite: .atLeastItsUses,
      supports: { $0.geometry.window.hasUnitStride && forward.supports($0.rotated()) },
      terms: { problem in
        forward.terms(problem.rotated()) + CostTerms(moved: Double(problem.geometry.kernelCount))
      },
      make: { problem in RotatedInputGradient(problem.geometry, forward: forward.make(problem.rotated())) })
  }
}
