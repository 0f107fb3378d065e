import Im2col
import Im2colReference

/// Compares a few thousand elements of a result with the loop nest's answers for just these positions.
///
/// The answers are computed once and serve every number of workers.
final class PointCheck {
  private struct Point: Sendable {
    let index: Int
    let sum: PointReference.Sum
  }

  let shape: [Int]
  private let bound: LoweringBound
  private let tileMagnitude: (Int, Int) -> Double
  private let points: [Point]

  /// - Parameters:
  ///   - shape: of the result.
  ///   - run: elements of the last axis that are checked together, a divisor of the last axis.
  ///   - lowering: what the bound follows from.
  ///   - workers: share the work.
  ///   - sums: the loop nest's answer for a run of elements that begins at an index.
  ///   - tileMagnitude: of an element and a tile's side; see `LoweringBound`.
  init(
    shape: [Int], run: Int = 1, lowering: LoweringName, workers: Workers,
    sums: (Int) -> [PointReference.Sum], tileMagnitude: @escaping (Int, Int) -> Double
  ) {
    (self.shape, self.tileMagnitude, bound) = (shape, tileMagnitude, LoweringBound(lowering))
    let starts = PointCheck.starts(shape: shape, run: run)
    let units = (starts.count + PointCheck.startsPerUnit - 1) / PointCheck.startsPerUnit
    var parts = [[Point]](repeating: [], count: units)
    parts.withUnsafeMutableBufferPointer { parts in
      // Every unit writes a place of its own.
      nonisolated(unsafe) let parts = parts
      workers.run(units) { unit, _ in
        let end = min((unit + 1) * PointCheck.startsPerUnit, starts.count)
        parts[unit] = starts[unit * PointCheck.startsPerUnit..<end].flatMap { start in
          sums(start).enumerated().map { Point(index: start + $0, sum: $1) }
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
    return SeededPositions.indices(of: Array(runs), count: max(64, count / run), seed: 0xb0_d5).map {
      $0 * run
    }
  }

  /// What is wrong with a result, if anything is; NaN is.
  func firstMismatch(_ actual: Tensor, _ what: String) -> String? {
    guard actual.shape == shape else { return "\(what) has shape \(actual.shape) instead of \(shape)" }
    for point in points {
      let value = Double(actual.scalars[point.index])
      if abs(value - point.sum.value) <= bound.allowed(point.sum) { continue }
      let allowed = bound.allowed(point.sum) { tileMagnitude(point.index, $0) }
      if abs(value - point.sum.value) <= allowed { continue }
      return """
        \(what), element \(point.index) of \(shape), is \(value) instead of \(point.sum.value), where \(allowed) \
        is allowed
        """
    }
    return nil
  }
}
