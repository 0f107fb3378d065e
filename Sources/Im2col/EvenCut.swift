/// A partition of `0..<total` into the fewest parts of at most `limit` elements, as equal in size as
/// possible.
package struct EvenCut: Sendable, Hashable {
  /// The number of elements.
  package let total: Int
  /// The number of parts; 0 if there are no elements.
  package let count: Int
  /// The length of every part except the last ones.
  package let size: Int

  package init(_ total: Int, atMost limit: Int) {
    self.total = total
    let parts = (total + max(limit, 1) - 1) / max(limit, 1)
    size = parts == 0 ? 0 : (total + parts - 1) / parts
    count = size == 0 ? 0 : (total + size - 1) / size
  }

  /// Returns part `index`.
  package subscript(index: Int) -> Range<Int> {
    index * size..<min((index + 1) * size, total)
  }

  /// All parts, in order.
  package var ranges: [Range<Int>] { (0..<count).map { self[$0] } }
}

extension Range<Int> {
  /// Returns the range moved by `distance`.
  func shifted(by distance: Int) -> Range<Int> { lowerBound + distance..<upperBound + distance }
}
