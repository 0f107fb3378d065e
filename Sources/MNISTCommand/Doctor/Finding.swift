import Im2col

/// The result of one check.
package struct Finding: Sendable, Equatable {
  /// The severity.
  package enum Verdict: String, Sendable, Encodable {
    case good = "ok"
    /// Training works, but slower or with other data than intended.
    case warning
    /// Training does not work.
    case wrong

    /// Green, yellow, red.
    fileprivate var color: String {
      switch self {
      case .good: "\u{1B}[32m"
      case .warning: "\u{1B}[33m"
      case .wrong: "\u{1B}[31m"
      }
    }
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
  ///
  /// - Parameter columns: the width to wrap at spaces to; nil does not wrap.
  package static func table(_ findings: [Finding], style: TextStyle, columns: Int? = nil) -> String {
    let (nameWidth, verdictWidth) = (
      findings.map(\.name.count).max() ?? 0, Verdict.warning.rawValue.count
    )
    let indent = String(repeating: " ", count: verdictWidth + nameWidth + 4)
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(width - text.count, 0))
    }
    func value(_ text: String) -> String {
      guard let columns, columns >= indent.count + minValueColumns else { return text.printable }
      return text.printable.wrapped(to: columns - indent.count).replacing("\n", with: "\n" + indent)
    }
    return findings.flatMap { finding in
      let verdict = padded(finding.verdict.rawValue, verdictWidth)
      let colored = style.color ? finding.verdict.color + verdict + "\u{1B}[0m" : verdict
      let line = colored + "  " + padded(finding.name, nameWidth) + "  " + value(finding.value)
      return [line] + [finding.remedy.map { indent + value("fix: " + $0) }].compactMap { $0 }
    }.joined(separator: "\n")
  }

  /// The minimum width to wrap values to.
  private static let minValueColumns = 16
}
