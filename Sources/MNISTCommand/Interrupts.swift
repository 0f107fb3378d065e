import Glibc
import Synchronization

/// What signals do: the process ends at once and files stay as they are, or it is told to end soon.
///
/// Either way SIGHUP ends with 129, SIGINT with 130 and SIGTERM with 143, for parents that look at the
/// status and not at the signal.
enum Interrupts {
  /// The signal that came first; 0 for none.
  private static let first = Atomic<Int32>(0)
  /// When it came, in milliseconds.
  private static let firstTime = Atomic<Int64>(0)
  /// Whether the first one is left to somebody who looks at `pending`.
  private static let isPatient = Atomic<Bool>(false)
  /// `timeout` sends its signal twice in a row, to us and to our group; nobody presses a key that fast.
  private static let echo: Int64 = 50

  /// The signal that asks us to end, where it has not ended us.
  static var pending: Int32? {
    let number = first.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Installs the handlers. Signals that the parent ignores (nohup, a script's background job) stay ignored.
  static func endAtOnce() {
    // A parent's blocked signals are inherited: started from a worker thread we could not be stopped.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, nil)
    // A limit on file sizes shall be an error with a remedy, not the end.
    signal(SIGXFSZ, SIG_IGN)
    // Globals are made when they are first used, which must not be in a handler.
    (_, _, _, _) = (pending, firstTime.load(ordering: .relaxed), isPatient.load(ordering: .relaxed), echo)
    for number in [SIGHUP, SIGINT, SIGTERM] {
      var inherited = sigaction()
      sigaction(number, nil, &inherited)
      let handler = unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self)
      guard handler != unsafeBitCast(SIG_IGN, to: Int.self) else { continue }
      signal(number) { Interrupts.handle($0) }
    }
  }

  /// Runs work that looks at `pending` and then soon ends; a second signal does not wait for that.
  static func patiently<Value, Failure>(_ work: () throws(Failure) -> Value) throws(Failure) -> Value {
    isPatient.store(true, ordering: .sequentiallyConsistent)
    defer { isPatient.store(false, ordering: .sequentiallyConsistent) }
    return try work()
  }

  /// Ends as a signal asks for that came when nobody looked at `pending` any more.
  static func endIfPending() {
    if let pending { end(pending) }
  }

  /// Only what is allowed in a signal handler: atomics and a few system calls.
  private static func handle(_ number: Int32) {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
    if isPatient.load(ordering: .sequentiallyConsistent) {
      // The time comes first: an echo may be handled by another thread at the same moment.
      _ = firstTime.compareExchange(expected: 0, desired: now, ordering: .sequentiallyConsistent)
      let (isFirst, earlier) = first.compareExchange(
        expected: 0, desired: number, ordering: .sequentiallyConsistent)
      if isFirst { return }
      if earlier == number, now &- firstTime.load(ordering: .relaxed) < echo { return }
    }
    end(number)
  }

  private static func end(_ number: Int32) -> Never {
    // The shell's prompt shall not follow the progress line.
    var settings = termios()
    if tcgetattr(STDERR_FILENO, &settings) == 0 {
      var newline: UInt8 = 10
      _ = write(STDERR_FILENO, &newline, 1)
    }
    _exit(128 + number)
  }
}

/// A training that a signal has ended, everything saved.
struct Interrupted: Error, CustomStringConvertible {
  let signal: Int32
  /// The checkpoint to go on from.
  let path: String

  var description: String {
    "interrupted; everything so far is in \(path): the same command with --resume goes on from there"
  }
}
