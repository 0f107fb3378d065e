import ArgumentParser
import Im2col

/// Distinct whole numbers, as in `1,2,8`.
struct IntegerList: ExpressibleByArgument, CustomStringConvertible {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let values = parts.compactMap { $0 }
    guard values.count == parts.count, !values.isEmpty, Set(values).count == values.count else { return nil }
    self.values = values
  }

  var description: String { values.map(String.init).joined(separator: ",") }

  /// Throws a usage error if a number is out of range.
  func validate(_ name: String, in range: ClosedRange<Int>) throws {
    for value in values where !range.contains(value) {
      throw ValidationError("\(name) is \(value); it must be in \(range.lowerBound)...\(range.upperBound).")
    }
  }
}
