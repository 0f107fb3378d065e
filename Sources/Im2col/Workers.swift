import Synchronization

/// A pool of threads that runs the units of one job at a time.
///
/// How work is split depends only on the problem, so the bits of a result do not depend on the number of
/// workers. The calling thread takes part. The other threads start with the first job of more than one unit,
/// spin for tens of microseconds while they wait for the next job, and then sleep. They end when the last
/// reference is released.
///
/// Several threads may call operations with the same workers at the same time. A caller that finds the
/// workers busy runs its units on its own thread.
public final class Workers: Sendable {
  /// The number of threads that share a job, including the calling thread.
  public let count: Int

  private let gate: JobGate
  private let scratch = ScratchPool()
  private let threads = Mutex<[WorkerThread]>([])

  /// The maximum number of workers, 64: OpenBLAS runs out of buffers at about twice as many callers.
  public static let limit = 64

  /// The number of cores that this process may use: its CPU affinity, capped by the quota of its control
  /// group.
  public static var availableCores: Int { min(AvailableCores.count, limit) }

  /// Creates one worker per core of this process.
  public init() {
    count = Workers.availableCores
    gate = JobGate(workers: count)
  }

  /// Creates `count` workers.
  ///
  /// - Throws: ``EngineError/shape(_:)`` unless `count` is in `1...Workers.limit`.
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

  /// Calls `body` once for every unit in `0..<units`, on several threads, and returns after the last one.
  ///
  /// - Parameters:
  ///   - units: the number of independent units.
  ///   - body: runs one unit; the second argument, below `count`, is the index of the worker, so that it can
  ///     use its own scratch memory. The assignment of units to workers is not fixed.
  package func run(_ units: Int, _ body: (_ unit: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { run(units, ClosureWork(body: $0)) }
  }

  /// Runs work that is a value; unlike a closure, it is not copied to the heap.
  package func run(_ units: Int, _ work: some UnitWork) {
    guard units > 1, count > 1, gate.claim() else {
      for unit in 0..<units { work.run(unit: unit, worker: 0) }
      return
    }
    defer { gate.release() }
    startThreads()
    withUnsafePointer(to: work) { work in
      gate.open(units: units, JobGate.Job(work))
      gate.runUnits(worker: 0)
      gate.close()
    }
  }

  /// Calls `body` with uninitialized memory for `count` scalars, which these workers reuse for the next call.
  package func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    scratch.withScratch(count, body)
  }

  private func startThreads() {
    threads.withLock { threads in
      while threads.count < count - 1 {
        let worker = threads.count + 1
        // If the system is out of threads, the job runs on those that could be started.
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
