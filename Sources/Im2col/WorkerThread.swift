#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One POSIX thread that runs a closure to its end and is joined by its owner.
final class WorkerThread: Sendable {
  private let handle: pthread_t

  /// Starts the thread with all signals blocked, so that they reach the program's own threads.
  ///
  /// - Returns: nil when the system has no thread left.
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
    // The last reference may go on the worker itself, when a job's closure held it.
    if pthread_equal(handle, pthread_self()) != 0 {
      pthread_detach(handle)
    } else {
      pthread_join(handle, nil)
    }
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// Lets another thread have this core.
func yieldToOthers() { sched_yield() }
