import Foundation

/// The terminal behind a stream, if there is one.
package struct Terminal {
  /// Where the text goes.
  package let stream: StandardStream
  /// Whether a line can be redrawn there.
  package let redraws: Bool
  /// Characters and colours.
  package let style: TextStyle
  private let environment: [String: String]

  /// Looks at a stream and at the variables that say what people want on it.
  package init(_ stream: StandardStream, environment: [String: String] = ProcessInfo.processInfo.environment)
  {
    let isTerminal = isatty(stream.descriptor) == 1
    (self.stream, self.environment) = (stream, environment)
    redraws = isTerminal && environment["TERM"] != "dumb"
    style = TextStyle(environment: environment, isTerminal: redraws)
  }

  /// Characters in a line just now; people resize windows.
  package var columns: Int {
    var size = winsize()
    if ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }
}
