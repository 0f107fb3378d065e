/// The parts of Markdown files that `figures tables` writes:
///
///     <!-- generated: NAME -->
///
///     a table
///
///     <!-- end -->
package struct GeneratedBlocks {
  /// The texts by name.
  let texts: [String: String]

  package init(_ texts: [String: String]) { self.texts = texts }

  package static let begin = "<!-- generated: "
  package static let end = "<!-- end -->"

  /// Returns a file's text with every block replaced by what its name stands for.
  package func replaced(in text: String) throws(BlockError) -> String {
    var lines: [Substring] = []
    var open: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(GeneratedBlocks.begin), line.hasSuffix(" -->") {
        let name = String(line.dropFirst(GeneratedBlocks.begin.count).dropLast(" -->".count))
        guard open == nil else { throw .unterminated(open ?? name) }
        guard let block = texts[name] else { throw .unknown(name, known: texts.keys.sorted()) }
        lines += [line, ""] + block.split(separator: "\n", omittingEmptySubsequences: false) + [""]
        open = name
      } else if line == GeneratedBlocks.end {
        lines.append(line)
        open = nil
      } else if open == nil {
        lines.append(line)
      }
    }
    if let open { throw .unterminated(open) }
    return lines.joined(separator: "\n")
  }

  package enum BlockError: Error, Equatable, CustomStringConvertible {
    case unknown(String, known: [String])
    case unterminated(String)

    package var description: String {
      switch self {
      case .unknown(let name, let known):
        "there is no generated block \"\(name)\"; use one of \(known.joined(separator: ", "))"
      case .unterminated(let name):
        "the generated block \"\(name)\" has no end; add the line \(GeneratedBlocks.end)"
      }
    }
  }
}
