import Im2col
import Im2colReference

/// Compares a few thousand elements of a result with the loop nest's answers for just these positions.
///
/// The answers are computed once and serve every number of workers.
final class PointCheck {
  struct Point: Sendable {
    let index: Int
    let sum: PointReference.Sum
    let allowed: Double
  }

  let shape: [Int]
  private let points: [Point]

  /// - Parameters:
  ///   - what: for messages, such as `the output`.
  ///   - shape: of the result.
  ///   - run: elements of the last axis that are checked together, a divisor of the last axis.
  ///   - lowering: what the bound follows from.
  ///   - workers: share the work.
  ///   - sums: the loop nest's answer for a run of elements that begins at an index.
  ///   - tileMagnitude: asked where the lowering works tile by tile.
  init(
    shape: [Int], run: Int = 1, lowering: LoweringName, workers: Workers,
    sums: (Int) -> [PointReference.Sum], tileMagnitude: (Int, Int) -> Double
  ) {
    self.shape = shape
    let bound = LoweringBound(lowering)
    let starts = PointCheck.starts(shape: shape, run: run)
    let units = (starts.count + PointCheck.startsPerUnit - 1) / PointCheck.startsPerUnit
    var parts = [[Point]](repeating: [], count: units)
    parts.withUnsafeMutableBufferPointer { parts in
      // Every unit writes a place of its own.
      nonisolated(unsafe) let parts = parts
      workers.run(units) { unit, _ in
        let end = min((unit + 1) * PointCheck.startsPerUnit, starts.count)
        for start in starts[unit * PointCheck.startsPerUnit..<end] {
          for (offset, sum) in sums(start).enumerated() {
            let allowed = bound.allowed(sum) { tileMagnitude(start + offset, $0) }
            parts[unit].append(Point(index: start + offset, sum: sum, allowed: allowed))
          }
        }
      }
    }
    points = parts.flatMap { $0 }
  }

  /// How many elements a tensor are looked at.
  private static let count = 3_000
  private static let startsPerUnit = 8

  /// First elements of the runs; a run never crosses the last axis.
  private static func starts(shape: [Int], run: Int) -> [Int] {
    let runs = shape.dropLast() + [(shape.last ?? run) / run]
    return SeededPositions.indices(of: Array(runs), count: max(64, count / run), seed: 0xb0_d5).map { $0 * run }
  }

  /// What is wrong with a result, if anything is; NaN is.
  func firstMismatch(_ actual: Tensor, _ what: String) -> String? {
    guard actual.shape == shape else { return "\(what) has shape \(actual.shape) instead of \(shape)" }
    for point in points {
      let value = Double(actual.scalars[point.index])
      if !(abs(value - point.sum.value) <= point.allowed) {
        return """
          \(what), element \(point.index) of \(shape), is \(value) instead of \(point.sum.value), where \
          \(point.allowed) is allowed
          """
      }
    }
    return nil
  }
}
