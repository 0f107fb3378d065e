import Foundation

/// Round numbers along an axis, in steps of 1, 2 or 5 times a power of ten.
package struct Ticks {
  package let low, high: Double
  package let values: [Double]
  private let decimals: Int

  /// One to seven steps that enclose two numbers and stay within a limit on them.
  package init(_ minimum: Double, _ maximum: Double, limit: Double = .infinity) {
    // Equal numbers need a positive span.
    let span = max(maximum - minimum, max(abs(maximum) * 0.02, 1e-6))
    let power = pow(10, (log10(span / 5)).rounded(.down))
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5 } ?? 10 * power
    var (first, last) = ((minimum / step).rounded(.down), (maximum / step).rounded(.up))
    // Equal round numbers get one step above, or below at the limit.
    if first == last { if (last + 1) * step <= limit { last += 1 } else { first -= 1 } }
    values = stride(from: first, through: last, by: 1).map { $0 * step }
    (low, high) = (first * step, last * step)
    decimals = max(0, -Int(log10(step).rounded(.down)))
  }

  /// A value with the decimals that the step needs.
  package func text(_ value: Double) -> String { NumberText.fixed(value, decimals) }

  /// A value with two more decimals, for numbers between ticks.
  package func exactText(_ value: Double) -> String { NumberText.fixed(value, decimals + 2) }

  /// The labeled epochs out of `count`: all, or the first and multiples of a round number.
  package static func epochs(_ count: Int) -> [Int] {
    let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].first { count <= 10 * $0 } ?? count
    guard step > 1 else { return Array(1...max(count, 1)) }
    return [1] + stride(from: step, through: count, by: step)
  }
}
