import ArgumentParser
import Foundation

/// The stream of results.
enum StandardOutput {
  /// Writes a line without buffering, so that the reader of a pipe sees every row when it is measured.
  ///
  /// A closed pipe (`bench layers | head -1`) ends the program silently, as SIGPIPE does unless it is ignored; a full
  /// disk is an error.
  static func say(_ line: String) throws {
    let problem = write(line + "\n", to: STDOUT_FILENO)
    if problem == EPIPE { throw ExitCode(128 + SIGPIPE) }
    if problem != 0 {
      throw WriteError(description: "standard output: \(String(cString: strerror(problem)))")
    }
  }

  struct WriteError: Error, CustomStringConvertible { let description: String }
}

/// The stream of messages; errors of writing to it are ignored.
enum StandardError {
  static func say(_ line: String) { _ = write(line + "\n", to: STDERR_FILENO) }
}

/// Writes all of a text; returns 0 or the error number.
private func write(_ text: String, to descriptor: Int32) -> Int32 {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written < 0, errno != EINTR { return errno }
    rest = rest.dropFirst(max(0, written))
  }
  return 0
}
