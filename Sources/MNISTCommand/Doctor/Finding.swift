/// The result of one check.
package struct Finding: Sendable, Equatable {
  /// The severity.
  package enum Verdict: String, Sendable, Encodable {
    case good = "ok"
    /// Training works, but slower or with other data than intended.
    case warning
    /// Training does not work.
    case wrong
  }

  /// The subject, in a word or two.
  package let name: String
  package let verdict: Verdict
  /// What was found.
  package let value: String
  /// How to fix it; nil if there is nothing to fix.
  package let remedy: String?

  package init(_ name: String, _ value: String, _ verdict: Verdict = .good, remedy: String? = nil) {
    (self.name, self.value, self.verdict, self.remedy) = (name, value, verdict, remedy)
  }

  /// The findings as a table, each remedy on the line below its finding.
  package static func table(_ findings: [Finding]) -> String {
    let width = findings.map(\.name.count).max() ?? 0
    let verdictWidth = Verdict.warning.rawValue.count
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(width - text.count, 0))
    }
    return findings.flatMap { finding in
      let head =
        padded(finding.verdict.rawValue, verdictWidth) + "  " + padded(finding.name, width) + "  "
      let fix = finding.remedy.map { String(repeating: " ", count: head.count) + "fix: " + $0.printable }
      return [head + finding.value.printable] + [fix].compactMap { $0 }
    }.joined(separator: "\n")
  }
}
