import ArgumentParser
import Foundation

/// Results.
enum StandardOutput {
  /// Writes a line at once, so that a reader of a pipe sees every row when it is measured.
  ///
  /// A reader that has gone (`bench layers | head -1`) ends the program quietly, as SIGPIPE does where it
  /// is not ignored; a full disk is an error.
  static func say(_ line: String) throws {
    guard fputs(line + "\n", stdout) < 0 || fflush(stdout) != 0 else { return }
    let problem = errno
    if problem == EPIPE { throw ExitCode(128 + SIGPIPE) }
    throw WriteError(description: "standard output: \(String(cString: strerror(problem)))")
  }

  struct WriteError: Error, CustomStringConvertible { let description: String }
}

/// Progress and messages; nothing depends on them, so that they cannot fail.
enum StandardError {
  static func say(_ line: String) { fputs(line + "\n", stderr) }
}
