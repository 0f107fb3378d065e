import Foundation
import Testing
import figures

/// Numbers in Markdown files are those of `Benchmarks/measured`.
struct PublishedNumbersTests {
  @Test func generatedTablesAreUpToDate() throws {
    let figures = Process()
    figures.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("figures")
    figures.currentDirectoryURL = Package.root
    figures.arguments = ["tables", "--check"]
    let output = Pipe()
    figures.standardOutput = output
    figures.standardError = output
    try figures.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    figures.waitUntilExit()
    #expect(figures.terminationStatus == 0, "\(text)")
  }

  @Test func everyTableRowHasAsManyCellsAsItsHeader() throws {
    for file in try MarkdownFiles.below(Package.root) {
      let uneven = MarkdownText(try String(contentsOf: file, encoding: .utf8)).unevenRows
      #expect(uneven.isEmpty, "\(file.path): \(uneven)")
    }
  }

  @Test func everyFigureInTheTextWasMeasured() throws {
    let measured = try MeasuredFigures(folder: Package.root.appendingPathComponent(MeasuredFolder.standard))
    for file in try MarkdownFiles.published(in: Package.root) {
      let text = try String(contentsOf: file, encoding: .utf8)
      let unknown = unknownFigures(in: text, measured)
      #expect(
        unknown.isEmpty,
        """
        \(file.path) states \(unknown), which no file of Benchmarks/measured holds; correct or delete it, commit its \
        measurement, or give its source in AllowedFigures.swift
        """)
    }
  }

  private func unknownFigures(in text: String, _ measured: MeasuredFigures) -> [Figure] {
    let allowed = Set(AllowedFigures.all.flatMap(\.figures))
    return Figure.all(in: MarkdownText(text).prose)
      .filter { !measured.contains($0) && !allowed.contains($0.description) }
  }

  // MARK: - The checks find what is wrong

  @Test func aWrongFigureIsFound() throws {
    let measured = try MeasuredFigures(folder: Package.root.appendingPathComponent(MeasuredFolder.standard))
    let rate = try #require(
      try MeasuredFolder(path: Package.root.appendingPathComponent(MeasuredFolder.standard).path)
        .lines(ComparedCase.self, "lenet.jsonl").first?.ours.first)
    let right = String(format: "%.0f", rate)
    #expect(unknownFigures(in: "It trains \(right) images/s, \(right)\nimages/s.", measured).isEmpty)
    #expect(unknownFigures(in: "It trains \(right)5 images/s.", measured).map(\.number) == [right + "5"])
    let wrong = [
      "1,234,567 images/s", "9,999.5 GFLOP/s", "0.001234 ms", "777.77 us", "98,765 MB", "123.4%",
      "9.87654 times",
    ]
    for figure in wrong {
      #expect(unknownFigures(in: "It is **\(figure)**.", measured).map(\.description) == [figure])
      let unchecked = [
        "`\(figure)`", "```\n\(figure)\n```", "Code:\n\n    \(figure)\n",
        "<!-- generated: x -->\n\(figure)\n<!-- end -->",
      ]
      for text in unchecked { #expect(unknownFigures(in: text, measured).isEmpty, "\(text)") }
    }
  }

  @Test func anUnevenTableIsFound() {
    let table = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    #expect(MarkdownText(table).unevenRows.isEmpty)
    #expect(MarkdownText(table + "| | `x \\| y` |\n\nText with | a bar.").unevenRows.isEmpty)
    #expect(MarkdownText(table + "| 1 | 2 | 3 |\n").unevenRows == ["| 1 | 2 | 3 |"])
    #expect(MarkdownText("| a | b |\n|---|\n").unevenRows == ["|---|"])
    #expect(MarkdownText("```\n" + table + "| 1 |\n```\n").unevenRows.isEmpty)
  }

  @Test func anOutdatedBlockIsReplaced() throws {
    let blocks = GeneratedBlocks(["x": "new\ntext"])
    let text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n"
    let new = "a\n<!-- generated: x -->\n\nnew\ntext\n\n<!-- end -->\nb\n"
    #expect(try blocks.replaced(in: text) == new)
    #expect(try blocks.replaced(in: new) == new)
    #expect(throws: GeneratedBlocks.BlockError.unknown("y", known: ["x"])) {
      try blocks.replaced(in: "<!-- generated: y -->\n<!-- end -->")
    }
    #expect(throws: GeneratedBlocks.BlockError.unterminated("x")) {
      try blocks.replaced(in: "<!-- generated: x -->\nold\n")
    }
  }
}
