import Glibc

/// Standard streams closed by the parent (`2>&-`).
enum ClosedStreams {
  /// Opens a read-only file in their place.
  ///
  /// Otherwise the next opened file would take the number, and messages would be written to a model.
  static func reserve() {
    // `open` returns the lowest free number.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
  }
}
