import ArgumentParser

/// `mnist doctor`: checks everything that training depends on, and prints how to fix each problem.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check this machine and print how to fix each problem.",
    discussion: """
      Checks OpenBLAS, tests and times its products, and checks the CPU, the cores, the memory and the images. \
      Exits with status 1 if a problem prevents training.

      EXAMPLES
        mnist doctor
        mnist doctor --data mnist --json
      """)

  @OptionGroup var data: DataOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let findings = Examination(data: data).findings()
    let isOK = !findings.contains { $0.verdict == .wrong }
    let terminal = Terminal(.output)
    try StandardStream.output.line(
      json
        ? record(of: findings, isOK: isOK)
        : Finding.table(
          findings, style: terminal.style, columns: terminal.redraws ? terminal.columns - 1 : nil))
    guard isOK else { throw ExitCode.failure }
  }

  private func record(of findings: [Finding], isOK: Bool) throws -> String {
    struct Check: Encodable {
      let name: String
      let verdict: Finding.Verdict
      let value: String
      let remedy: String?
    }
    var line = JSONLine()
    try line.add("ok", isOK)
    try line.add(
      "checks",
      findings.map { Check(name: $0.name, verdict: $0.verdict, value: $0.value, remedy: $0.remedy) })
    return line.text
  }
}
