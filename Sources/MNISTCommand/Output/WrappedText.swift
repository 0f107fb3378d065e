extension String {
  /// The text with lines of at most `columns` characters, broken at spaces; longer words are not broken.
  package func wrapped(to columns: Int) -> String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { Self.wrapped($0, to: max(columns, 1)) }.joined(separator: "\n")
  }

  private static func wrapped(_ line: Substring, to columns: Int) -> String {
    var (lines, rest) = ([Substring](), line)
    while rest.count > columns {
      // The space after a full line may be its end.
      let window = rest.prefix(columns + 1)
      let indent = rest.prefix { $0 == " " }.endIndex
      guard
        let space = window[indent...].lastIndex(of: " ") ?? rest[indent...].firstIndex(of: " ")
      else { break }
      lines.append(rest[..<space])
      rest = rest[rest.index(after: space)...]
    }
    return (lines + [rest]).joined(separator: "\n")
  }
}
