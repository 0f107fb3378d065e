/// A row of the table of lowerings.
///
///     problem --supports--> yes --terms--> cost in cycles --least of all rows--> make --> pass
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
    /// Whether the pass pools its rows itself. All other forward passes are wrapped in ``PooledForward``.
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

  /// Returns the predicted cost in cycles of one core.
  ///
  /// - Precondition: the row supports the problem.
  package func cost(_ problem: ConvolutionProblem) -> Double {
    terms(problem).cost(LoweringWeights.of(lowering, problem.pass))
  }

  /// Returns the amounts of work of a problem, staging for its pooling included.
  package func terms(_ problem: ConvolutionProblem) -> CostTerms {
    guard let entry = self[problem.pass] else { preconditionFailure("\(lowering) has no \(problem.pass)") }
    return entry.terms(problem)
  }

  /// Creates the pass for a problem that the row supports.
  package func make(_ problem: ConvolutionProblem) -> LoweredPass {
    guard let entry = self[problem.pass] else { preconditionFailure("\(lowering) has no \(problem.pass)") }
    guard problem.pass == .forward, let pooling = problem.pooling, !entry.pools(problem) else {
      return LoweredPass(lowering: lowering, pass: entry.make(problem))
    }
    let product = entry.make(problem.withoutPooling())
    return LoweredPass(lowering: lowering, pass: PooledForward(problem.geometry, pooling, product))
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
