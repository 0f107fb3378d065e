import Foundation
import Testing

/// Checks that README.md contains the lines between `// README: begin` and `// README: end` of a test's
/// source.
func expectReadmeShows(linesOf source: String = #filePath) throws {
  let text = try String(contentsOfFile: source, encoding: .utf8)
  let begin = try #require(text.range(of: "// README: begin\n"))
  let end = try #require(text.range(of: "    // README: end\n"))
  let example = text[begin.upperBound..<end.lowerBound]
    .split(separator: "\n", omittingEmptySubsequences: false).map { $0.dropFirst(4) }.joined(separator: "\n")
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
  #expect(readme.contains(example), "README.md does not contain the tested example")
}
