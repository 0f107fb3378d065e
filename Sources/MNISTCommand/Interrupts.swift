import Glibc

/// What signals do: the process ends at once, and files stay as they are.
enum Interrupts {
  /// SIGINT ends with 130 and SIGTERM with 143, unless they are ignored, for parents that look at the status and not at the signal.
  static func endAtOnce() {
    // A parent's blocked signals are inherited: started from a worker thread we could not be stopped.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    for number in [SIGINT, SIGTERM] {
      // What the parent has switched off (nohup, a script's background job) stays off.
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      let handler = unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self)
      guard handler != unsafeBitCast(SIG_IGN, to: Int.self) else { continue }
      signal(number) { number in
        // Only calls that are allowed in a signal handler. The shell's prompt shall not follow the progress line.
        var settings = termios()
        if tcgetattr(STDERR_FILENO, &settings) == 0 {
          var newline: UInt8 = 10
          _ = write(STDERR_FILENO, &newline, 1)
        }
        _exit(128 + number)
      }
    }
  }
}
