import ArgumentParser

/// `mnist doctor`: what a training here depends on, what is wrong, and what mends it.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Examine this machine and say what mends it.",
    discussion: """
      Looks at OpenBLAS, tests and times its products, and looks at the CPU, the cores, the memory and the \
      images that would be used. Ends with status 1 when something is wrong that stops training.

      EXAMPLES
        mnist doctor
        mnist doctor --data mnist --json
      """)

  @OptionGroup var data: DataOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let findings = Examination(folder: data.folder).findings()
    let isWell = !findings.contains { $0.verdict == .wrong }
    try StandardStream.output.line(json ? record(of: findings, isWell: isWell) : Finding.table(findings))
    guard isWell else { throw ExitCode.failure }
  }

  private func record(of findings: [Finding], isWell: Bool) throws -> String {
    struct Check: Encodable {
      let name: String
      let verdict: Finding.Verdict
      let value: String
      let remedy: String?
    }
    var line = JSONLine()
    try line.add("ok", isWell)
    try line.add(
      "checks",
      findings.map { Check(name: $0.name, verdict: $0.verdict, value: $0.value, remedy: $0.remedy) })
    return line.text
  }
}
