import Glibc

/// Standard output or error, unbuffered, so that a line is there when its epoch is done.
package struct StandardStream: Sendable {
  package let descriptor: Int32

  package init(descriptor: Int32) { self.descriptor = descriptor }

  package static let output = StandardStream(descriptor: STDOUT_FILENO)
  package static let error = StandardStream(descriptor: STDERR_FILENO)

  /// Writes all of a text.
  ///
  /// - Throws: `StreamError.closed` when nobody reads any more, else `.failed`.
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

  /// Writes what nothing depends on: progress and messages that nobody can read end no training.
  package func note(_ text: String) { try? write(text) }

  /// Writes a text and ends the line.
  package func line(_ text: String) throws(StreamError) { try write(text + "\n") }
}

/// Results that could not be delivered.
package enum StreamError: Error, Equatable, CustomStringConvertible {
  /// The other end of the pipe is closed.
  case closed
  /// The system refused with this `errno`.
  case failed(code: Int32)

  package var description: String {
    switch self {
    case .closed: "nobody reads the results"
    case .failed(let code):
      "cannot write the results: \(String(cString: strerror(code))) (errno \(code)); free some disk space or "
        + "send them elsewhere"
    }
  }
}
