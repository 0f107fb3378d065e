import ArgumentParser
import Foundation

struct TablesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tables",
    abstract: "Rewrites the tables of measurements in README.md, Benchmarks/README.md and Sources.",
    discussion: """
      Every block between "<!-- generated: NAME -->" and "<!-- end -->" gets the table of that name, made from \
      the files in Benchmarks/measured.
      """)

  @Option(help: ArgumentHelp("The folder of the package.", valueName: "folder"), completion: .directory)
  var root = "."

  @Option(help: ArgumentHelp("The folder of the measurements.", valueName: "folder"), completion: .directory)
  var measured = MeasuredFolder.standard

  @Flag(help: "Write nothing; exit with 1 when a file has an outdated table.")
  var check = false

  func run() throws {
    let root = URL(fileURLWithPath: root)
    let blocks = GeneratedBlocks(
      try PublishedTables(
        MeasuredFolder(path: measured), peers: root.appendingPathComponent("Benchmarks/peers")
      )
      .all())
    var outdated: [String] = []
    for file in try MarkdownFiles.published(in: root) {
      let text = try String(contentsOf: file, encoding: .utf8)
      let new: String
      do {
        new = try blocks.replaced(in: text)
      } catch {
        throw InvalidFile(description: "\(file.relativePath): \(error)")
      }
      guard new != text else { continue }
      outdated.append(file.relativePath)
      if !check { try Data(new.utf8).write(to: file, options: .atomic) }
    }
    for path in outdated {
      print(check ? "\(path) is outdated; run: swift run -c release figures tables" : path)
    }
    if check, !outdated.isEmpty { throw ExitCode.failure }
  }

  struct InvalidFile: Error, CustomStringConvertible { let description: String }
}

/// The Markdown files of the package.
package enum MarkdownFiles {
  /// Those that state measurements: the two READMEs and all files below `Sources`.
  package static func published(in root: URL) throws -> [URL] {
    ["README.md", "Benchmarks/README.md"].map { root.appendingPathComponent($0) }
      + (try below(root.appendingPathComponent("Sources")))
  }

  /// All files below a folder, sorted; hidden folders such as `.build` are skipped.
  package static func below(_ folder: URL) throws -> [URL] {
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
    return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "md" }
      .sorted { $0.path < $1.path }
  }
}
