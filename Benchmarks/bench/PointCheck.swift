import Im2col
import Im2colReference

/// Compares a few thousand elements of a result with a loop nest's results at the same positions.
///
/// The reference is computed once and serves every number of workers.
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
  ///   - shape: The shape of the result.
  ///   - run: The number of adjacent elements that are checked together, a divisor of the last axis.
  ///   - lowering: The lowering, which determines the error bound.
  ///   - workers: The workers that compute the reference.
  ///   - sums: Returns the reference for a run of elements that begins at an index.
  ///   - tileMagnitude: Returns the magnitude of an element for a tile's side; see `LoweringBound`.
  init(
    shape: [Int], run: Int = 1, lowering: Lowering, workers: Workers,
    sums: (Int) -> [PointReference.Sum], tileMagnitude: @escaping (Int, Int) -> Double
  ) {
    (self.shape, self.tileMagnitude, bound) = (shape, tileMagnitude, LoweringBound(lowering))
    let starts = PointCheck.starts(shape: shape, run: run)
    let units = (starts.count + PointCheck.startsPerUnit - 1) / PointCheck.startsPerUnit
    var parts = [[Point]](repeating: [], count: units)
    parts.withUnsafeMutableBufferPointer { parts in
      // Every unit writes its own element.
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

  /// The number of elements to check per tensor.
  private static let count = 3_000
  private static let startsPerUnit = 8

  /// The first elements of the runs; a run stays within the last axis.
  private static func starts(shape: [Int], run: Int) -> [Int] {
    let runs = shape.dropLast() + [(shape.last ?? run) / run]
    return SeededPositions.indices(of: Array(runs), count: max(64, count / run), seed: 0xb0_d5).map {
      $0 * run
    }
  }

  /// Describes the first wrong element, if there is one; NaN is wrong.
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
