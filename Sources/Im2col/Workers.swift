import Synchronization

/// A few threads that work off the units of one job at a time; whoever owns the value owns them.
///
/// Work is always cut by the problem, never by the number of workers, so the same call gives the
/// same bits with one worker or with eight. The calling thread takes part. The other threads start
/// with the first job that has more than one unit, look for the next job for some tens of
/// microseconds, and then sleep; they end when the last reference to the value goes.
///
/// Several threads may call operations with the same workers at once: a caller that finds them busy
/// does its own units itself.
public final class Workers: Sendable {
  /// How many threads share a job, the calling one included.
  public let count: Int

  private let gate: JobGate
  private let scratch = ScratchPool()
  private let threads = Mutex<[WorkerThread]>([])

  /// The most workers that one value may have: OpenBLAS runs out of buffers at about twice that many callers.
  public static let limit = 64

  /// The CPUs that this process is bound to, capped by its control group's quota.
  public static var availableCores: Int { min(AvailableCores.count, limit) }

  /// As many workers as there are cores for this process.
  public init() {
    count = Workers.availableCores
    gate = JobGate(workers: count)
  }

  /// A chosen number of workers.
  ///
  /// - Throws: `EngineError.shape` unless `count` is in `1...Workers.limit`.
  public init(_ count: Int) throws(EngineError) {
    guard (1...Workers.limit).contains(count) else {
      throw .shape(.outOfRange("the number of workers", value: count, range: 1..<Workers.limit + 1))
    }
    self.count = count
    gate = JobGate(workers: count)
  }

  deinit {
    gate.shutDown()
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  /// Calls `body` once for every unit in `0..<units`, on several threads, and returns when all are done.
  ///
  /// - Parameters:
  ///   - units: how many independent pieces the work has.
  ///   - body: does one unit; the second argument, below `count`, names the worker so that it can use
  ///     scratch memory of its own. Which worker gets which unit is not fixed.
  package func run(_ units: Int, _ body: (_ unit: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { run(units, ClosureWork(body: $0)) }
  }

  /// The same for work that is a value: allocates nothing, where a closure has to be copied to the heap.
  package func run(_ units: Int, _ work: some UnitWork) {
    guard units > 1, count > 1, gate.claim() else {
      for unit in 0..<units { work.run(unit: unit, worker: 0) }
      return
    }
    defer { gate.release() }
    startThreads()
    withUnsafePointer(to: work) { work in
      gate.open(units: units, JobGate.Job(work))
      gate.workOff(worker: 0)
      gate.close()
    }
  }

  /// Calls `body` with memory for `count` scalars that stays with these workers for the next call.
  package func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    scratch.withScratch(count, body)
  }

  private func startThreads() {
    threads.withLock { threads in
      while threads.count < count - 1 {
        let worker = threads.count + 1
        // A machine that is out of threads still computes, with those that it could start.
        guard let thread = WorkerThread({ [gate] in gate.serve(worker: worker) }) else { return }
        threads.append(thread)
      }
    }
  }
}

private struct ClosureWork: UnitWork {
  let body: (Int, Int) -> Void

  func run(unit: Int, worker: Int) { body(unit, worker) }
}
