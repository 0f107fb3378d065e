import Foundation
import Testing

/// An article of a DocC catalog, compared with the code that it shows.
///
///     // article: begin columns          The lines between two such marks in a test's source must be a Swift
///     ...                                block of the article. If the next block is not Swift, it must be what
///     // article: end                    they printed.
struct Article: CustomStringConvertible {
  let file: URL
  let text: String
  let blocks: [Block]

  /// The text on one line, for finding phrases that are wrapped.
  var prose: String { text.replacingOccurrences(of: "\n", with: " ") }

  /// A fenced block: the language after the fence, and the lines inside.
  struct Block: Equatable {
    let language: String
    let text: String
  }

  var description: String { file.lastPathComponent }

  /// - Parameter name: for example `Im2col/PaddingRules`.
  init(_ name: String) throws {
    let parts = name.split(separator: "/")
    try self.init(file: Package.sources.appendingPathComponent("\(parts[0])/\(parts[0]).docc/\(parts[1]).md"))
  }

  init(file: URL) throws {
    self.file = file
    text = try String(contentsOf: file, encoding: .utf8)
    var blocks: [Block] = []
    var open: (language: String, lines: [String])?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(Block(language: block.language, text: block.lines.joined(separator: "\n")))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), [])
        }
      } else {
        open?.lines.append(line)
      }
    }
    self.blocks = blocks
  }

  /// Every article of every catalog.
  static func all() throws -> [Article] {
    try Package.catalogs.flatMap { catalog in
      try FileManager.default.contentsOfDirectory(at: catalog, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }.map(Article.init(file:))
    }
  }

  /// Checks that the article shows a snippet and, after it, what the snippet printed.
  func expect(_ snippet: String, printed transcript: Transcript? = nil, source: String = #filePath) throws {
    let code = try Snippet.named(snippet, in: source)
    let index = try #require(
      blocks.firstIndex(of: Block(language: "swift", text: code)),
      "\(self) does not show the snippet \(snippet):\n\(code)")
    guard let transcript else { return }
    let next = index + 1 < blocks.count ? blocks[index + 1] : Block(language: "", text: "")
    #expect(
      next == Block(language: "", text: transcript.text),
      "\(self) shows another output of \(snippet); it is\n\(transcript.text)")
  }
}

/// The lines between `// article: begin NAME` and `// article: end`, without their common indentation.
enum Snippet {
  static func named(_ name: String, in source: String) throws -> String {
    try #require(all(in: URL(fileURLWithPath: source))[name], "no snippet \(name) in \(source)")
  }

  static func all(in source: URL) throws -> [String: String] {
    var snippets: [String: String] = [:]
    var open: (name: String, lines: [String])?
    for line in try String(contentsOf: source, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    {
      let bare = line.drop { $0 == " " }
      if bare.hasPrefix("// article: begin ") {
        open = (String(bare.dropFirst("// article: begin ".count)), [])
      } else if bare == "// article: end", let snippet = open {
        let indent = snippet.lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        // Tests need more access than an article shows.
        snippets[snippet.name] = snippet.lines.map { String($0.dropFirst(indent)) }.joined(separator: "\n")
          .replacing(/\bpackage (?=func|struct|let)/, with: "")
        open = nil
      } else {
        open?.lines.append(line)
      }
    }
    return snippets
  }
}

/// The output of a snippet; its `print` replaces that of the standard library.
final class Transcript {
  private var lines: [String] = []

  func print(_ items: Any...) {
    lines.append(items.map { "\($0)" }.joined(separator: " "))
  }

  var text: String { lines.joined(separator: "\n") }

  /// Returns the output so far and clears it: the output of one of several snippets.
  func take() -> Transcript {
    let taken = Transcript()
    (taken.lines, lines) = (lines, [])
    return taken
  }
}

/// The folders of this package.
enum Package {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let sources = root.appendingPathComponent("Sources")
  static let catalogs = ["Im2col", "ConvNet"].map { sources.appendingPathComponent("\($0)/\($0).docc") }
  static let tests = root.appendingPathComponent("Tests/ArticleTests")
  /// The answers of the exercises, which are snippets as well.
  static let solutions = root.appendingPathComponent("Tests/Exercises/Sources/Solutions")
}
