import Glibc
import Im2col

/// Standard output or error, unbuffered: the line of an epoch appears when the epoch is done.
package struct StandardStream: Sendable {
  package let descriptor: Int32

  package init(descriptor: Int32) { self.descriptor = descriptor }

  package static let output = StandardStream(descriptor: STDOUT_FILENO)
  package static let error = StandardStream(descriptor: STDERR_FILENO)

  /// Writes all of a string.
  ///
  /// - Throws: `StreamError.closed` if the reader has closed the pipe, otherwise `.failed`.
  package func write(_ text: String) throws(StreamError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR:
        continue
      case EAGAIN:
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, 1000)
      case EPIPE:
        throw .closed
      default:
        throw .failed(code: errno)
      }
    }
  }

  /// Writes progress or a message; a failure is ignored, so that it does not end a training run.
  package func tryWrite(_ text: String) { try? write(text) }

  /// Writes a message as a line, wrapped at spaces to the width of a terminal; a failure is ignored.
  package func message(_ text: String) {
    let (text, terminal) = (text.printable, Terminal(self))
    if terminal.redraws, Interrupts.hasProgressLine.load(ordering: .relaxed) { terminal.erase() }
    tryWrite((terminal.redraws ? text.wrapped(to: terminal.columns - 1) : text) + "\n")
  }

  /// Writes a string and a newline.
  package func line(_ text: String) throws(StreamError) { try write(text + "\n") }
}

/// Results that could not be written.
package enum StreamError: Error, Equatable, CustomStringConvertible {
  /// The reader has closed the pipe.
  case closed
  /// The system call failed with this `errno`.
  case failed(code: Int32)

  package var description: String {
    switch self {
    case .closed: "the reader of the results has closed the pipe"
    case .failed(let code):
      "cannot write the results: \(String(cString: strerror(code))) (errno \(code)); free disk space or "
        + "redirect them elsewhere"
    }
  }
}
