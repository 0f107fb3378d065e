/// What the doctor has to say of one thing.
package struct Finding: Sendable, Equatable {
  /// How good it is.
  package enum Verdict: String, Sendable, Encodable {
    case good = "ok"
    /// Training works, but not as well as it could.
    case warning
    /// Training does not work.
    case wrong
  }

  /// What was looked at, in a word or two.
  package let name: String
  package let verdict: Verdict
  /// What it was found to be.
  package let value: String
  /// What mends it, where it is not good.
  package let remedy: String?

  package init(_ name: String, _ value: String, _ verdict: Verdict = .good, remedy: String? = nil) {
    (self.name, self.value, self.verdict, self.remedy) = (name, value, verdict, remedy)
  }

  /// The findings as a table, a remedy below what it mends.
  package static func table(_ findings: [Finding]) -> String {
    let width = findings.map(\.name.count).max() ?? 0
    let verdictWidth = Verdict.warning.rawValue.count
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(width - text.count, 0))
    }
    return findings.flatMap { finding in
      let head =
        padded(finding.verdict.rawValue, verdictWidth) + "  " + padded(finding.name, width) + "  "
      let mend = finding.remedy.map { String(repeating: " ", count: head.count) + "mend: " + $0.printable }
      return [head + finding.value.printable] + [mend].compactMap { $0 }
    }.joined(separator: "\n")
  }
}
