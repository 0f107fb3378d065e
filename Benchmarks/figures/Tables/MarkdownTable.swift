import Foundation
import Im2col

/// A table in Markdown.
struct MarkdownTable {
  var header: [String]
  var rows: [[String]] = []

  var text: String {
    let lines = [header, header.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}

/// How the tables write numbers.
enum TableNumber {
  /// A rate with one decimal below 100, else as a whole number.
  static func rate(_ value: Double) -> String {
    value < 100 ? fixed(value, 1) : Int(value.rounded()).grouped
  }

  static func ratio(_ value: Double) -> String { fixed(value, 2) }

  /// `1.52 (1.49 .. 1.66)`; the value alone where there was one round.
  static func ratio(_ value: Double, of all: [Double]) -> String {
    guard all.count > 1, let least = all.min(), let greatest = all.max() else { return ratio(value) }
    return "\(ratio(value)) (\(ratio(least)) .. \(ratio(greatest)))"
  }

  private static func fixed(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }

  static func megabytes(_ bytes: Int) -> String { ((bytes + 500_000) / 1_000_000).grouped }
}
