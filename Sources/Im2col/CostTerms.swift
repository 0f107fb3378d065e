/// The amounts of work that the cost of a pass is predicted from.
///
///     cost = multiplications * w0 + moved * w1 + calls * w2
///
/// The weights of each row and pass are fitted to measurements; see ``LoweringWeights``.
package struct CostTerms: Sendable, Equatable {
  /// Multiplications, with partial vectors counted as whole ones.
  package var multiplications = 0.0
  /// Scalars that are gathered, packed, transformed or staged.
  package var moved = 0.0
  /// Calls of a kernel or of sgemm.
  package var calls = 0.0

  package init(multiplications: Double = 0, moved: Double = 0, calls: Double = 0) {
    (self.multiplications, self.moved, self.calls) = (multiplications, moved, calls)
  }

  /// The terms in the order of their weights.
  package var all: [Double] { [multiplications, moved, calls] }

  /// Returns the weighted sum.
  package func cost(_ weights: [Double]) -> Double { zip(all, weights).reduce(0) { $0 + $1.0 * $1.1 } }

  package static func + (a: CostTerms, b: CostTerms) -> CostTerms {
    CostTerms(
      multiplications: a.multiplications + b.multiplications, moved: a.moved + b.moved,
      calls: a.calls + b.calls)
  }
}
