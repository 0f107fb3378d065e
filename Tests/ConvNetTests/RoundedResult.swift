import Im2colReference

/// A tensor from the engine, from the reference, and from the reference with every value between layers rounded
/// to Float32.
///
/// Some networks magnify rounding, for example by the statistics of almost equal values. The difference of the
/// last two estimates by how much. In a group, such as the gradients of a step, a tensor may differ by
///
///     64 * ((largest relative difference of the group) * max |tensor| + 2 * 2^-24 * max |group|)
///
/// where the second term is for sums whose terms cancel. A tensor that is zero, such as the gradient of a bias
/// before a batch normalization, has terms that cancel altogether, and may differ by 64 times the largest
/// difference of the group. The estimate is one sample of random errors, and ops round inside as well: of 1,600
/// random networks, most stayed within a factor of 8, and the worst one within 56.
struct RoundedResult {
  let name: String
  let actual, exact, rounded: DoubleTensor

  init(name: String, actual: DoubleTensor, exact: DoubleTensor, rounded: DoubleTensor) {
    (self.name, self.actual, self.exact, self.rounded) = (name, actual, exact, rounded)
  }

  init(name: String, actual: Double, exact: Double, rounded: Double) {
    func tensor(_ value: Double) -> DoubleTensor { DoubleTensor(shape: [1], scalars: [value]) }
    self.init(name: name, actual: tensor(actual), exact: tensor(exact), rounded: tensor(rounded))
  }

  private var largest: Double { exact.scalars.map(abs).max() ?? 0 }
  private var difference: Double { zip(rounded.scalars, exact.scalars).map { abs($0 - $1) }.max() ?? 0 }

  /// Sums of up to a hundred terms round by about eight units in the last place, even where nothing is
  /// magnified.
  private static let minMagnified = 8 * ErrorBound.unit

  /// Returns the mismatches of a group.
  static func mismatches(of group: [RoundedResult]) -> [String] {
    let largest = group.map(\.largest).max() ?? 0
    let difference = group.map(\.difference).max() ?? 0
    func isZero(_ result: RoundedResult) -> Bool { result.largest <= 1e-6 * largest }
    let relative = group.filter { $0.largest > 1e-3 * largest }.map { $0.difference / $0.largest }.max() ?? 0
    let magnified = max(relative, minMagnified)
    return group.compactMap { result in
      let cancelled = max(2 * ErrorBound.unit * largest, isZero(result) ? difference : 0)
      let tolerance = 64 * (magnified * result.largest + cancelled)
      return firstMismatch(result.actual, result.exact, tolerance: .absolute(tolerance))
        .map { "\(result.name): \($0); rounding is magnified to \(magnified)" }
    }
  }
}
