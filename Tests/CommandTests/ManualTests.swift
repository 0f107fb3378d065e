import Foundation
import Testing
import mnist

/// The manual of `mnist` (Sources/MNISTCommand/README.md) has all options of the command, and no others.
@Suite struct ManualTests {
  private static let commands = [
    "train", "evaluate", "predict", "report", "playground", "summary", "download", "doctor",
  ]

  private func manual() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(
      contentsOf: root.appendingPathComponent("Sources/MNISTCommand/README.md"), encoding: .utf8)
  }

  private func options(_ text: String) -> Set<String> {
    Set(text.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
  }

  @Test func everyOptionIsInTheManual_andNoOther() throws {
    let help = try Self.commands.map { try MNISTCommandLine.run(["help", $0]).output }.joined()
    // Lines of other programs.
    let lines = try manual().split(separator: "\n").filter {
      !$0.contains("swift build") && !$0.contains("apt-get")
    }
    let named = options(lines.joined(separator: "\n"))
    let known = options(help).subtracting(["--help", "--version", "--no-picture"])
    #expect(known.subtracting(named).isEmpty, "not in the manual: \(known.subtracting(named))")
    let unknown = named.subtracting(options(help)).subtracting(["--generate-completion-script"])
    #expect(unknown.isEmpty, "not in the help: \(unknown)")
  }

  @Test func recipesAndFormats() throws {
    let manual = try manual()
    #expect(
      manual.contains("recipe accurate: " + NamedRecipe.accurate.recipe.arguments.joined(separator: " ")))
    for command in Self.commands { #expect(manual.contains("mnist \(command)"), "\(command)") }
    #expect(
      manual.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy {
        $0.hasPrefix("    ") || $0.count <= 120
      })
  }
}
