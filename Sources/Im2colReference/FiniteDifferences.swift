/// Numerical gradients by central differences.
package enum FiniteDifferences {
  /// Returns `(f(x + step) - f(x - step)) / (2 * step)` for every element of `x`.
  ///
  /// - Complexity: two calls of `function` per element.
  package static func gradient<E: Error>(
    at point: DoubleTensor, step: Double = 1e-6, of function: (DoubleTensor) throws(E) -> Double
  ) throws(E) -> DoubleTensor {
    var result = point
    var moved = point
    for (index, value) in point.scalars.enumerated() {
      moved.scalars[index] = value + step
      let above = try function(moved)
      moved.scalars[index] = value - step
      let below = try function(moved)
      moved.scalars[index] = value
      result.scalars[index] = (above - below) / (2 * step)
    }
    return result
  }
}
