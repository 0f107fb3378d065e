import ArgumentParser

/// Places in a set of images: `3,5-9` is 3, 5, 6, 7, 8, 9.
package struct IndexList: ExpressibleByArgument, Sendable, Equatable {
  /// In the order in which they were given; kept as ranges, as `0-999999999` is short to write.
  package let ranges: [ClosedRange<Int>]

  package init(_ range: ClosedRange<Int>) { ranges = [range] }

  package init?(argument: String) {
    var ranges: [ClosedRange<Int>] = []
    for piece in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = piece.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last
      else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
  }

  /// How help shows a default.
  package var defaultValueDescription: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
      separator: ",")
  }

  /// All places.
  package var indices: some Sequence<Int> { ranges.lazy.joined() }

  /// Checks that every place is in `0..<count`.
  ///
  /// - Throws: `ValidationError` with the place and the count.
  package func require(below count: Int, of what: String) throws {
    if let largest = ranges.map(\.upperBound).max(), largest >= count {
      throw ValidationError("--index asks for image \(largest), but \(what) has \(count): 0...\(count - 1)")
    }
  }

  /// Digits only: `Int` itself would also take signs.
  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
  }
}
