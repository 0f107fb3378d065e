import Foundation

/// The terminal behind a stream, if there is one.
package struct Terminal {
  /// Where the text goes.
  package let stream: StandardStream
  /// Whether a line can be redrawn there.
  package let redraws: Bool
  /// Characters and colors.
  package let style: TextStyle
  private let environment: [String: String]

  /// Looks at a stream and at the variables that say what people want on it.
  package init(_ stream: StandardStream, environment: [String: String] = ProcessInfo.processInfo.environment)
  {
    let isTerminal = isatty(stream.descriptor) == 1
    (self.stream, self.environment) = (stream, environment)
    redraws = isTerminal && Terminal.canRedraw(environment)
    style = TextStyle(environment: environment, isTerminal: redraws)
  }

  /// Whether the environment lets a line be redrawn: the terminal must not be a dumb or an unknown one, and a
  /// CI service that runs its jobs on a terminal keeps what comes out as a log.
  package static func canRedraw(_ environment: [String: String]) -> Bool {
    let term = environment["TERM"] ?? ""
    let isCI = !["", "0", "false"].contains((environment["CI"] ?? "").lowercased())
    return !["", "dumb"].contains(term) && !isCI
  }

  /// Characters in a line just now; people resize windows.
  package var columns: Int {
    var size = winsize()
    if ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  /// Puts a text where the line that was drawn before stands; call it only where `redraws` is true.
  ///
  ///     to the first column | text | erase to the screen's end | to the first column
  ///
  /// The cursor waits at the line's start. So a window that is made narrower, which breaks the line in two, leaves
  /// nothing behind: the next text begins at the same place, and what is below of the old one is erased.
  package func redraw(_ text: String) { stream.note("\r" + text + "\u{1B}[J\r") }

  /// Puts a text in the drawn line's place for good.
  package func settle(_ text: String) { stream.note("\r" + text + "\u{1B}[J\n") }

  /// Takes the drawn line away.
  package func erase() { stream.note("\r\u{1B}[J") }

  /// Shows a text for as long as work lasts, where that can be taken back.
  func whileShowing<R>(_ text: String, _ work: () throws -> R) rethrows -> R {
    guard redraws else { return try work() }
    redraw(String(text.prefix(max(columns - 1, 0))))
    defer { erase() }
    return try work()
  }
}
