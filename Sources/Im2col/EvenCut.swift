/// `total` things in the fewest parts of at most `limit`, as equal as they can be.
package struct EvenCut: Sendable, Hashable {
  /// What is cut.
  package let total: Int
  /// How many parts; 0 for nothing.
  package let count: Int
  /// The length of every part but the last ones.
  package let size: Int

  package init(_ total: Int, atMost limit: Int) {
    self.total = total
    let parts = (total + max(limit, 1) - 1) / max(limit, 1)
    size = parts == 0 ? 0 : (total + parts - 1) / parts
    count = size == 0 ? 0 : (total + size - 1) / size
  }

  /// Part `index`.
  package subscript(index: Int) -> Range<Int> {
    index * size..<min((index + 1) * size, total)
  }

  /// All parts in order.
  package var ranges: [Range<Int>] { (0..<count).map { self[$0] } }
}

extension Range<Int> {
  /// The range so much further on.
  func shifted(by distance: Int) -> Range<Int> { lowerBound + distance..<upperBound + distance }
}
