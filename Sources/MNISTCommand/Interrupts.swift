import Glibc
import Synchronization

/// Signal handling: the process exits at once and leaves files as they are, or work polls `pending` and exits
/// soon.
///
/// Either way the status is 128 + the number of the signal, for parents that check the status and not the signal:
/// 129 for SIGHUP, 130 for SIGINT, 143 for SIGTERM. Batch systems send SIGUSR1, SIGUSR2 or SIGXCPU before a time
/// limit. SIGQUIT quits at once.
enum Interrupts {
  /// The first signal received; 0 if none.
  private static let first = Atomic<Int32>(0)
  /// When it was received, in milliseconds.
  private static let firstTime = Atomic<Int64>(0)
  /// Whether the first signal only sets `pending`.
  private static let isDeferred = Atomic<Bool>(false)
  /// The interval within which the same signal counts once, in milliseconds: `timeout` signals both the
  /// process and its group.
  private static let echo: Int64 = 50

  /// Signals that announce a limit, and may be sent again and again until it: they never end work at once.
  private static func isRepeated(_ number: Int32) -> Bool {
    number == SIGUSR1 || number == SIGUSR2 || number == SIGXCPU
  }

  /// Whether the last line on the terminal is a progress line, which must be erased on exit.
  static let hasProgressLine = Atomic<Bool>(false)

  /// The signal received while exiting is deferred; nil if none.
  static var pending: Int32? {
    let number = first.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Installs the handlers. Signals that the parent ignores (nohup, a script's background job) stay ignored.
  static func installHandlers() {
    // The signal mask is inherited: a parent may have blocked these signals.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    // Exceeding a file size limit is then an error with a remedy, not a fatal signal.
    signal(SIGXFSZ, SIG_IGN)
    // Globals are initialized on first use, which must not happen in a handler.
    (_, _, _) = (pending, firstTime.load(ordering: .relaxed), echo)
    (_, _) = (isDeferred.load(ordering: .relaxed), hasProgressLine.load(ordering: .relaxed))
    for number in [SIGQUIT, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU] {
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      let handler = unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self)
      guard handler != unsafeBitCast(SIG_IGN, to: Int.self) else { continue }
      // The runtime's handler of SIGQUIT would print a crash and continue.
      if number == SIGQUIT { signal(number, SIG_DFL) } else { signal(number) { Interrupts.handle($0) } }
    }
  }

  /// Runs work that polls `pending`; a second signal exits at once.
  static func deferringExit<Value, Failure>(_ work: () throws(Failure) -> Value) throws(Failure) -> Value {
    isDeferred.store(true, ordering: .sequentiallyConsistent)
    defer { isDeferred.store(false, ordering: .sequentiallyConsistent) }
    return try work()
  }

  /// Exits if a signal was received after the last poll of `pending`.
  static func endIfPending() {
    if let pending { end(pending) }
  }

  /// Uses only what is async-signal-safe: atomics and a few system calls.
  private static func handle(_ number: Int32) {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
    if isDeferred.load(ordering: .sequentiallyConsistent) {
      // Store the time first: another thread may handle the repeated signal at the same moment.
      _ = firstTime.compareExchange(expected: 0, desired: now, ordering: .sequentiallyConsistent)
      let (isFirst, earlier) = first.compareExchange(
        expected: 0, desired: number, ordering: .sequentiallyConsistent)
      if isFirst || isRepeated(number) { return }
      if earlier == number, now &- firstTime.load(ordering: .relaxed) < echo { return }
    }
    end(number)
  }

  private static func end(_ number: Int32) -> Never {
    var settings = termios()
    if hasProgressLine.load(ordering: .relaxed) {
      // Carriage return, erase to the end of the screen; also erases the terminal's `^C`.
      var erase: (UInt8, UInt8, UInt8, UInt8) = (0x0D, 0x1B, 0x5B, 0x4A)
      _ = write(STDERR_FILENO, &erase, 4)
    } else if tcgetattr(STDERR_FILENO, &settings) == 0 {
      // The shell's prompt must not follow the terminal's `^C`.
      var newline: UInt8 = 10
      _ = write(STDERR_FILENO, &newline, 1)
    }
    _exit(128 + number)
  }
}

/// A run ended by a signal, with its state saved.
struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  /// The checkpoint to resume from.
  let path: String

  var description: String {
    "interrupted; the state is saved in \(path); run the same command with --resume to continue"
  }
}
