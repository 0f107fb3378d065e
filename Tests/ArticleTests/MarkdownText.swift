import figures

/// What a Markdown file consists of besides its code and its generated tables.
struct MarkdownText {
  private let lines: [String]

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The lines outside fenced and indented code blocks; code lines become empty.
  private var uncoded: [String] {
    var (isFenced, isIndented, previousIsBlank) = (false, false, true)
    return lines.map { line in
      if line.drop(while: { $0 == " " }).hasPrefix("```") {
        isFenced.toggle()
        return ""
      }
      let isBlank = line.allSatisfy(\.isWhitespace)
      isIndented = line.hasPrefix("    ") && (previousIsBlank || isIndented)
      previousIsBlank = isBlank
      return isFenced || isIndented ? "" : line
    }
  }

  /// The text outside code, generated blocks, comments and link targets.
  var prose: String {
    var isGenerated = false
    let kept = uncoded.filter { line in
      if line.hasPrefix(GeneratedBlocks.begin) { isGenerated = true }
      if line == GeneratedBlocks.end { isGenerated = false }
      return !isGenerated
    }
    return kept.joined(separator: "\n").replacing(/`[^`]*`/, with: "`").replacing(/\]\([^)]*\)/, with: "]")
      .replacing(/<!--.*?-->/, with: "")
  }

  /// The rows of tables whose number of cells differs from that of their header.
  var unevenRows: [String] {
    var (uneven, cells, previous): ([String], Int?, String) = ([], nil, "")
    for line in uncoded {
      let isDelimiter = line.contains("-") && line.contains("|") && line.allSatisfy { " :|-".contains($0) }
      if isDelimiter, previous.contains("|"), cells == nil { cells = MarkdownText.cells(previous) }
      if line.allSatisfy(\.isWhitespace) { cells = nil }
      if let cells, MarkdownText.cells(line) != cells { uneven.append(line) }
      previous = line
    }
    return uneven
  }

  /// The number of cells between the outer bars of a row; a bar in code splits cells unless it is escaped.
  private static func cells(_ row: String) -> Int {
    var inner = Substring(row.replacing("\\|", with: "").drop { $0 == " " })
    while inner.last == " " { inner.removeLast() }
    if inner.first == "|" { inner.removeFirst() }
    if inner.last == "|" { inner.removeLast() }
    return inner.count { $0 == "|" } + 1
  }
}
