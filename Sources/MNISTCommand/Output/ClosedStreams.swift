import Glibc

/// Standard streams that the parent has closed (`2>&-`).
enum ClosedStreams {
  /// Puts something in their places that cannot be written.
  ///
  /// The next file that is opened would take the number, and messages would go into a model.
  static func reserve() {
    // `open` takes the lowest number that is free.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
  }
}
