/// The elements of a large tensor that tests check: its corners, elements at its borders, and random
/// elements. They depend only on shape and seed.
package enum SeededPositions {
  /// Returns distinct row-major indices in ascending order.
  ///
  /// Half of those that are not corners are at the beginning or the end of an axis, where padding and
  /// incomplete tiles are.
  ///
  /// - Parameters:
  ///   - shape: a shape without an axis of length 0.
  ///   - count: the approximate number of indices; all elements if the tensor has no more.
  package static func indices(of shape: [Int], count: Int, seed: UInt64) -> [Int] {
    let total = shape.reduce(1, *)
    guard total > count else { return Array(0..<total) }
    var chosen: Set<Int> = []
    for corner in 0..<1 << shape.count {
      chosen.insert(index(of: shape.indices.map { corner >> $0 & 1 == 0 ? 0 : shape[$0] - 1 }, in: shape))
    }
    var random = SplitMix64(seed: seed)
    for n in 0..<max(0, count - chosen.count) {
      var place = shape.map { random.roll(0...$0 - 1) }
      if n.isMultiple(of: 2) {
        let axis = random.roll(0...shape.count - 1)
        place[axis] = random.oneIn(2) ? 0 : shape[axis] - 1
      }
      chosen.insert(index(of: place, in: shape))
    }
    return chosen.sorted()
  }

  private static func index(of place: [Int], in shape: [Int]) -> Int {
    zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }
}
