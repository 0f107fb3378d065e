import Foundation

/// Round numbers along an axis: steps of 1, 2 or 5 times a power of ten.
package struct Ticks {
  package let low, high: Double
  package let values: [Double]
  private let decimals: Int

  /// At most seven steps that enclose two numbers, and at least one; none beyond a limit that the numbers keep.
  package init(_ least: Double, _ greatest: Double, limit: Double = .infinity) {
    // Equal numbers get room around them.
    let span = max(greatest - least, max(abs(greatest) * 0.02, 1e-6))
    let power = pow(10, (log10(span / 5)).rounded(.down))
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5 } ?? 10 * power
    var (first, last) = ((least / step).rounded(.down), (greatest / step).rounded(.up))
    // Equal round numbers get a step above them, or below where the limit is.
    if first == last { if (last + 1) * step <= limit { last += 1 } else { first -= 1 } }
    values = stride(from: first, through: last, by: 1).map { $0 * step }
    (low, high) = (first * step, last * step)
    decimals = max(0, -Int(log10(step).rounded(.down)))
  }

  /// With the decimals that its step needs.
  package func text(_ value: Double) -> String { NumberText.fixed(value, decimals) }

  /// With two more, for numbers between ticks.
  package func exactText(_ value: Double) -> String { NumberText.fixed(value, decimals + 2) }

  /// Which of so many epochs are named: all, or every so many of them, the first and those that are round.
  package static func epochs(_ count: Int) -> [Int] {
    let step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].first { count <= 10 * $0 } ?? count
    guard step > 1 else { return Array(1...max(count, 1)) }
    return [1] + stride(from: step, through: count, by: step)
  }
}
