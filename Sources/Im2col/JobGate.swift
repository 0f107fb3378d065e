import CKernels
import Synchronization

/// The synchronization of one `Workers` instance: a caller publishes a job, the workers run its units, and
/// the gate is closed.
///
///     caller:  claim -> open -> run units ------> close (waits for the workers inside) -> release
///     worker:  wait for a job ... enter -> run units -> leave -> wait again ... sleep
///
/// Every worker begins with its own queue of units, then takes units from the queues of the others:
///
///     units    | 0 1 2 3 | 4 5 6 7 |         worker 0: 0 1 2 3, then the rest of 4 5 6 7
///                                            worker 1: 4 5 6 7, then the rest of 0 1 2 3
///
/// If a job's units read what the same units of the previous job wrote, most of that data is in the caches of
/// the worker's own core. This dominates the speed on processors whose cores do not share a last-level cache.
///
/// `inside` holds 1 while the gate is open, plus 2 for every worker inside. A late worker finds the gate
/// closed, and the caller does not wait for it.
///
/// `@unchecked Sendable`: `job` is not atomic. Only the caller that holds the claim writes it, and only while
/// the gate is closed; only threads inside read it.
final class JobGate: @unchecked Sendable {
  /// A reference to work in the memory of its caller; valid while the gate is open.
  struct Job {
    private let type: any UnitWork.Type
    private let work: UnsafeRawPointer

    init<Work: UnitWork>(_ work: UnsafePointer<Work>) {
      (type, self.work) = (Work.self, UnsafeRawPointer(work))
    }

    func run(unit: Int, worker: Int) { type.run(work, unit: unit, worker: worker) }
  }

  private let claimed = Atomic<Bool>(false)
  private let inside = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)
  private let isShutDown = Atomic<Bool>(false)
  private let parkingLot = ParkingLot()

  private let queues: [WorkQueue]
  private var job: Job?

  /// - Parameter workers: the number of threads that run units.
  init(workers: Int) {
    queues = (0..<workers).map { _ in WorkQueue() }
  }

  /// Reserves the gate for one job; returns false if another caller has it.
  func claim() -> Bool {
    claimed.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  func release() {
    claimed.store(false, ordering: .releasing)
  }

  /// Publishes a job and wakes the sleeping workers.
  func open(units: Int, _ job: Job) {
    self.job = job
    for (index, queue) in queues.enumerated() {
      queue.fill(units * index / queues.count..<units * (index + 1) / queues.count)
    }
    inside.store(1, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    parkingLot.wakeAll()
  }

  /// Runs units until none is left.
  func runUnits(worker: Int) {
    guard let job else { return }
    for offset in queues.indices {
      let queue = queues[(worker + offset) % queues.count]
      while let unit = queue.take() { job.run(unit: unit, worker: worker) }
    }
  }

  /// Closes the gate and waits for the workers inside.
  func close() {
    inside.subtract(1, ordering: .acquiringAndReleasing)
    var backoff = Backoff()
    while inside.load(ordering: .acquiring) != 0 { backoff.wait() }
    job = nil
  }

  func shutDown() {
    isShutDown.store(true, ordering: .sequentiallyConsistent)
    generation.add(1, ordering: .sequentiallyConsistent)
    parkingLot.wakeAll()
  }

  /// The main loop of a worker: takes part in every job until the gate is shut down.
  func serve(worker: Int) {
    var seen = 0
    while true {
      seen = nextGeneration(after: seen)
      if isShutDown.load(ordering: .acquiring) { return }
      guard enter() else { continue }
      runUnits(worker: worker)
      leave()
    }
  }

  private func enter() -> Bool {
    var state = inside.load(ordering: .acquiring)
    while state & 1 == 1 {
      let (exchanged, original) = inside.compareExchange(
        expected: state, desired: state + 2, ordering: .acquiringAndReleasing)
      if exchanged { return true }
      state = original
    }
    return false
  }

  private func leave() {
    inside.subtract(2, ordering: .releasing)
  }

  /// Waits for the next job: spins for a while, because it often follows within microseconds, then sleeps.
  private func nextGeneration(after seen: Int) -> Int {
    for _ in 0..<JobGate.spins {
      let now = generation.load(ordering: .acquiring)
      if now != seen { return now }
      ckernels_cpu_relax()
    }
    parkingLot.sleep { generation.load(ordering: .sequentiallyConsistent) == seen }
    return generation.load(ordering: .acquiring)
  }

  /// About 50 microseconds of `pause`: longer than the gap between two jobs of a training step, and too short
  /// to matter for power or scheduling.
  private static let spins = 2_000
}

/// The queue of units that one worker begins with; any worker may take its next unit.
///
/// `@unchecked Sendable`: `end` is not atomic. It is written only while the gate is closed, like the job.
private final class WorkQueue: @unchecked Sendable {
  private let next = Atomic<Int>(0)
  private var end = 0

  func fill(_ units: Range<Int>) {
    end = units.upperBound
    next.store(units.lowerBound, ordering: .relaxed)
  }

  func take() -> Int? {
    // Loads first, so that an empty queue costs no exclusive access to the cache line.
    guard next.load(ordering: .relaxed) < end else { return nil }
    let unit = next.add(1, ordering: .relaxed).oldValue
    return unit < end ? unit : nil
  }
}

/// Waits for threads that are about to finish: spins first, then yields.
private struct Backoff {
  private var rounds = 0

  mutating func wait() {
    rounds += 1
    if rounds < 4_000 { ckernels_cpu_relax() } else { yieldToOthers() }
  }
}

extension UnitWork {
  /// Runs one unit of the work of this type at an address.
  fileprivate static func run(_ work: UnsafeRawPointer, unit: Int, worker: Int) {
    work.assumingMemoryBound(to: Self.self).pointee.run(unit: unit, worker: worker)
  }
}
