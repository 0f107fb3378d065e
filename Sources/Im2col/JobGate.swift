import CKernels
import Synchronization

/// Where the workers of one `Workers` value meet: a job is published here, worked off unit by unit,
/// and the gate is shut behind it.
///
///     caller:  claim -> open -> work off units ------> close (waits for those inside) -> release
///     worker:  look for a new job ... enter -> work off units -> leave -> look again ... sleep
///
/// `inside` holds 1 while the gate is open, plus 2 for every worker that is in. A worker that comes
/// late finds it shut and is not waited for.
///
/// Unchecked, because the job and its unit count are plain memory: they are written only by the
/// caller that holds the claim while the gate is shut, and read only by threads that are inside.
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
  private let nextUnit = Atomic<Int>(0)
  private let isShutDown = Atomic<Bool>(false)
  private let bed = SleepingPlace()

  private var units = 0
  private var job: Job?

  /// Takes the gate for one job; false when another caller has it.
  func claim() -> Bool {
    claimed.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  func release() {
    claimed.store(false, ordering: .releasing)
  }

  /// Publishes a job and wakes whoever sleeps.
  func open(units: Int, _ job: Job) {
    self.units = units
    self.job = job
    nextUnit.store(0, ordering: .relaxed)
    inside.store(1, ordering: .releasing)
    generation.add(1, ordering: .sequentiallyConsistent)
    bed.wakeAll()
  }

  /// Does units until none is left. Units are handed out in order.
  func workOff(worker: Int) {
    guard let job else { return }
    while true {
      let unit = nextUnit.add(1, ordering: .relaxed).oldValue
      guard unit < units else { return }
      job.run(unit: unit, worker: worker)
    }
  }

  /// Shuts the gate and waits for the workers that are inside.
  func close() {
    inside.subtract(1, ordering: .acquiringAndReleasing)
    var patience = Patience()
    while inside.load(ordering: .acquiring) != 0 { patience.wait() }
    job = nil
  }

  func shutDown() {
    isShutDown.store(true, ordering: .sequentiallyConsistent)
    generation.add(1, ordering: .sequentiallyConsistent)
    bed.wakeAll()
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
    bed.sleep { generation.load(ordering: .sequentiallyConsistent) == seen }
    return generation.load(ordering: .acquiring)
  }

  /// About 50 microseconds of `pause`: longer than the gap between two jobs of a training step, and
  /// far less than what a person or a scheduler would notice.
  private static let spins = 2_000
}

/// Waiting for threads that are about to finish: first busily, then politely.
private struct Patience {
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
