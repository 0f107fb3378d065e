/// What the reader's terminal can show.
package struct TextStyle: Sendable, Equatable {
  /// ANSI colors; never if `NO_COLOR` is set (no-color.org).
  package var color: Bool
  /// Block characters beyond ASCII.
  package var unicode: Bool

  package init(color: Bool, unicode: Bool) { (self.color, self.unicode) = (color, unicode) }

  /// The style given by the environment for a stream that is or is not a terminal.
  package init(environment: [String: String], isTerminal: Bool) {
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    color = isTerminal && !noColor
    // As in setlocale(3), the first of the three that is set decides.
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    unicode = locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
  }
}
