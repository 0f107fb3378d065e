import ArgumentParser

/// Indices of images: `3,5-9` is 3, 5, 6, 7, 8, 9.
package struct IndexList: ExpressibleByArgument, Sendable, Equatable {
  /// The ranges in the given order; `0-999999999` must not expand in memory.
  package let ranges: [ClosedRange<Int>]

  package init(_ range: ClosedRange<Int>) { ranges = [range] }

  package init?(argument: String) {
    var ranges: [ClosedRange<Int>] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last
      else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
  }

  /// The default as shown in help.
  package var defaultValueDescription: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
      separator: ",")
  }

  /// All indices.
  package var indices: some Sequence<Int> { ranges.lazy.joined() }

  /// Checks that every index is in `0..<count`.
  ///
  /// - Throws: `ValidationError` with the index and the count.
  package func require(below count: Int, of what: String) throws {
    if let largest = ranges.map(\.upperBound).max(), largest >= count {
      throw ValidationError(
        "--index is \(largest), but \(what) has \(count) images; choose indices in 0...\(count - 1)")
    }
  }

  /// Accepts digits only; `Int` would also accept signs.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}
