/// What a reader's screen can show.
package struct TextStyle: Sendable, Equatable {
  /// ANSI colours; never where `NO_COLOR` is set (no-color.org).
  package var colour: Bool
  /// Block characters beyond ASCII.
  package var unicode: Bool

  package init(colour: Bool, unicode: Bool) { (self.colour, self.unicode) = (colour, unicode) }

  /// Reads the wishes of an environment for a stream that is a terminal or is none.
  package init(environment: [String: String], isTerminal: Bool) {
    let noColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    colour = isTerminal && !noColour
    // The first of the three that is set decides, as in setlocale(3).
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    unicode = locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
  }
}
