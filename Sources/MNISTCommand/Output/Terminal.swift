import Foundation
import Synchronization

/// The terminal of a stream, if it has one.
package struct Terminal {
  /// The stream that text is written to.
  package let stream: StandardStream
  /// Whether a line can be redrawn.
  package let redraws: Bool
  /// The available characters and colors.
  package let style: TextStyle
  private let environment: [String: String]

  /// Examines a stream and the environment variables for terminals.
  package init(_ stream: StandardStream, environment: [String: String] = ProcessInfo.processInfo.environment)
  {
    let isTerminal = isatty(stream.descriptor) == 1
    (self.stream, self.environment) = (stream, environment)
    redraws = isTerminal && Terminal.canRedraw(environment)
    style = TextStyle(environment: environment, isTerminal: redraws)
  }

  /// Whether the environment allows redrawing: the terminal must be known and not dumb, and a CI service
  /// keeps the output of its terminal as a log.
  package static func canRedraw(_ environment: [String: String]) -> Bool {
    let term = environment["TERM"] ?? ""
    let isCI = !["", "0", "false"].contains((environment["CI"] ?? "").lowercased())
    return !["", "dumb"].contains(term) && !isCI
  }

  /// The current width in characters; windows are resized.
  package var columns: Int {
    var size = winsize()
    if ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  /// Replaces the drawn line; call it only if `redraws` is true.
  ///
  ///     to the first column | text | erase to the screen's end | to the first column
  ///
  /// The cursor stays at the start of the line. If the window is narrowed, which wraps the line, the next
  /// text still starts at the same place and erases the wrapped rest.
  package func redraw(_ text: String) {
    Interrupts.hasProgressLine.store(true, ordering: .relaxed)
    stream.tryWrite("\r" + text + "\u{1B}[J\r")
  }

  /// Replaces the drawn line by a permanent one.
  package func finishLine(_ text: String) {
    stream.tryWrite("\r" + text + "\u{1B}[J\n")
    Interrupts.hasProgressLine.store(false, ordering: .relaxed)
  }

  /// Erases the drawn line.
  package func erase() {
    stream.tryWrite("\r\u{1B}[J")
    Interrupts.hasProgressLine.store(false, ordering: .relaxed)
  }

  /// Shows a text during the work, if there is one and it can be erased afterwards.
  func whileShowing<R>(_ text: String?, _ work: () throws -> R) rethrows -> R {
    guard redraws, let text else { return try work() }
    redraw(String(text.prefix(max(columns - 1, 0))))
    defer { erase() }
    return try work()
  }
}
