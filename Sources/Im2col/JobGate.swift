import CKernels
import Synchronization

/// Where the workers of one `Workers` value meet: a job is published here, worked off unit by unit,
/// and the gate is shut behind it.
///
///     caller:  claim -> open -> work off units ------> close (waits for those inside) -> release
///     worker:  look for a new job ... enter -> work off units -> leave -> look again ... sleep
///
/// Every worker begins with a queue of the units of its own, then helps with those of the others:
///
///     units    | 0 1 2 3 | 4 5 6 7 |         worker 0: 0 1 2 3, then what is left of 4 5 6 7
///                                            worker 1: 4 5 6 7, then what is left of 0 1 2 3
///
/// so that where one job reads what the job before wrote, in the same order, most of it lies in the caches of the
/// worker's own core. On processors whose cores do not share their last cache level that decides how fast it goes.
///
/// `inside` holds 1 while the gate is open, plus 2 for every worker that is in. A worker that comes
/// late finds it shut and is not waited for.
///
/// Unchecked, because the job is plain memory: it is written only by the caller that holds the claim while the gate
/// is shut, and read only by threads that are inside.
final class JobGate: @unchecked Sendable {
  /// Work that stays where its caller has it; valid while the gate is open.
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

  /// - Parameter workers: how many threads will work off units.
  init(workers: Int) {
    queues = (0..<workers).map { _ in WorkQueue() }
  }

  /// Takes the gate for one job; false when another caller has it.
  func claim() -> Bool {
    claimed.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  func release() {
    claimed.store(false, ordering: .releasing)
  }

  /// Publishes a job and wakes whoever sleeps.
  func open(units: Int, _ job: Job) {
    self.job = job
    for (index, queue) in queues.enumerated() {
      queue.fill(units * index / queues.count..<units * (index + 1) / queues.count)
    }
    inside.store(1, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    parkingLot.wakeAll()
  }

  /// Does units until none is left.
  func workOff(worker: Int) {
    guard let job else { return }
    for offset in queues.indices {
      let queue = queues[(worker + offset) % queues.count]
      while let unit = queue.take() { job.run(unit: unit, worker: worker) }
    }
  }

  /// Shuts the gate and waits for the workers that are inside.
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

  /// A worker's life: every job once, until shut down.
  func serve(worker: Int) {
    var seen = 0
    while true {
      seen = nextGeneration(after: seen)
      if isShutDown.load(ordering: .acquiring) { return }
      guard enter() else { continue }
      workOff(worker: worker)
      inside.subtract(2, ordering: .releasing)
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

  /// Spins for a while, because the next job often follows within microseconds, then sleeps.
  private func nextGeneration(after seen: Int) -> Int {
    for _ in 0..<JobGate.spins {
      let now = generation.load(ordering: .acquiring)
      if now != seen { return now }
      ckernels_cpu_relax()
    }
    parkingLot.sleep { generation.load(ordering: .sequentiallyConsistent) == seen }
    return generation.load(ordering: .acquiring)
  }

  /// About 50 microseconds of `pause`: longer than the gap between two jobs of a training step, and
  /// far less than what a person or a scheduler would notice.
  private static let spins = 2_000
}

/// The units that one worker begins with; anyone may take them, in order.
///
/// Unchecked, because the end is written only while the gate is shut, as the job is.
private final class WorkQueue: @unchecked Sendable {
  private let next = Atomic<Int>(0)
  private var end = 0

  func fill(_ units: Range<Int>) {
    end = units.upperBound
    next.store(units.lowerBound, ordering: .relaxed)
  }

  func take() -> Int? {
    // Looked at first, so that an empty share costs its visitors no exclusive access.
    guard next.load(ordering: .relaxed) < end else { return nil }
    let unit = next.add(1, ordering: .relaxed).oldValue
    return unit < end ? unit : nil
  }
}

/// Waiting for threads that are about to finish: first busily, then politely.
private struct Backoff {
  private var rounds = 0

  mutating func wait() {
    rounds += 1
    if rounds < 4_000 { ckernels_cpu_relax() } else { yieldToOthers() }
  }
}

extension UnitWork {
  /// One unit of the work of this type that lies at an address.
  fileprivate static func run(_ work: UnsafeRawPointer, unit: Int, worker: Int) {
    work.assumingMemoryBound(to: Self.self).pointee.run(unit: unit, worker: worker)
  }
}
