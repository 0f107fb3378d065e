import Glibc

/// A POSIX thread that runs a closure and is joined by its owner.
final class WorkerThread: Sendable {
  private let handle: pthread_t

  /// Starts the thread with all signals blocked, so that signals reach the threads of the program.
  ///
  /// - Returns: nil if the system cannot create another thread.
  init?(_ body: @escaping @Sendable () -> Void) {
    var everySignal = sigset_t()
    var previous = sigset_t()
    sigfillset(&everySignal)
    pthread_sigmask(SIG_SETMASK, &everySignal, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    guard status == 0 else {
      box.release()
      return nil
    }
    handle = thread
  }

  func join() {
    // The last reference may be released on the worker itself, if the closure of a job held it.
    if pthread_equal(handle, pthread_self()) != 0 {
      pthread_detach(handle)
    } else {
      pthread_join(handle, nil)
    }
  }

  func detach() { pthread_detach(handle) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// Work on a thread of its own, which nothing waits for.
package enum BackgroundThread {
  /// Starts the work, or runs it here if the system cannot create another thread.
  package static func run(_ body: @escaping @Sendable () -> Void) {
    if let thread = WorkerThread(body) { thread.detach() } else { body() }
  }
}

/// Yields this core to another thread.
func yieldToOthers() { sched_yield() }
