import Glibc
import Im2col
import Synchronization
import Testing

@Suite struct WorkersTests {
  /// Counts how many times each unit was run.
  final class Tally: Sendable {
    private let counts: Mutex<[Int]>
    init(units: Int) { counts = Mutex([Int](repeating: 0, count: units)) }
    func add(_ unit: Int) { counts.withLock { $0[unit] += 1 } }
    var all: [Int] { counts.withLock { $0 } }
  }

  @Test("Every unit is run once, by a worker with a valid index", arguments: [1, 2, 3, 8])
  func everyUnitOnce(count: Int) throws {
    let workers = try Workers(count)
    for units in [0, 1, 2, 3, 7, 100, 1000] {
      let tally = Tally(units: units)
      let outOfRange = Atomic<Int>(0)
      workers.run(units) { unit, worker in
        tally.add(unit)
        if !(0..<count).contains(worker) { outOfRange.add(1, ordering: .relaxed) }
      }
      #expect(tally.all == [Int](repeating: 1, count: units), "\(units) units")
      #expect(outOfRange.load(ordering: .relaxed) == 0)
    }
  }

  @Test("Within a job, no two threads use the same worker index at the same time")
  func workersHaveTheirOwnScratch() throws {
    let workers = try Workers(4)
    let busy = (0..<4).map { _ in Flag() }
    let clashes = Atomic<Int>(0)
    for _ in 0..<50 {
      workers.run(64) { _, worker in
        if busy[worker].raise() { clashes.add(1, ordering: .relaxed) }
        for _ in 0..<200 { _ = clashes.load(ordering: .relaxed) }
        busy[worker].lower()
      }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    func raise() -> Bool { value.exchange(true, ordering: .acquiringAndReleasing) }
    func lower() { value.store(false, ordering: .releasing) }
  }

  @Test("Many threads may call at the same time, and each call returns after all its units")
  func manyCallers() async throws {
    let workers = try Workers(3)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for caller in 0..<6 {
        group.addTask {
          var wrong = 0
          for round in 0..<100 {
            let units = 1 + (caller * 7 + round) % 40
            let tally = Tally(units: units)
            workers.run(units) { unit, _ in tally.add(unit) }
            if tally.all != [Int](repeating: 1, count: units) { wrong += 1 }
          }
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  @Test("A job inside a job is run by the worker that starts it")
  func nested() throws {
    let workers = try Workers(3)
    let tally = Tally(units: 12 * 5)
    workers.run(12) { outer, _ in
      workers.run(5) { inner, _ in tally.add(outer * 5 + inner) }
    }
    #expect(tally.all == [Int](repeating: 1, count: 60))
  }

  @Test("Threads end when their pool is released")
  func threadsEnd() throws {
    let threads = Mutex<Set<String>>([])
    for _ in 0..<1000 {
      let workers = try Workers(3)
      let arrived = Atomic<Int>(0)
      let deadline = ContinuousClock.now + .seconds(30)
      workers.run(3) { _, worker in
        if worker > 0 { threads.withLock { _ = $0.insert(currentThread()) } }
        arrived.add(1, ordering: .relaxed)
        // Each unit waits for the others, so every thread of the pool runs one.
        while arrived.load(ordering: .relaxed) < 3 && ContinuousClock.now < deadline { sched_yield() }
      }
      try #require(arrived.load(ordering: .relaxed) == 3)
    }
    let ids = threads.withLock { $0 }
    #expect(ids.count >= 2)
    // The kernel may have reused a few of the ids for threads of other tests.
    let alive = ids.count { access("/proc/\($0)", F_OK) == 0 }
    #expect(alive < 20, "\(alive) of \(ids.count) threads are alive")
  }

  @Test("The last reference may be released inside a job")
  func lastReferenceInsideAJob() throws {
    for _ in 0..<100 {
      let tally = Tally(units: 8)
      let box = Mutex<Workers?>(try Workers(2))
      box.withLock { $0 }?.run(8) { unit, _ in
        tally.add(unit)
        box.withLock { $0 = nil }
      }
      #expect(tally.all == [Int](repeating: 1, count: 8))
    }
  }

  @Test("A count out of range throws a typed error", arguments: [0, -1, 65, Int.max, Int.min])
  func countOutOfRange(count: Int) {
    #expect {
      _ = try Workers(count)
    } throws: { error in
      error is EngineError && "\(error)".contains("number of workers is \(count)")
        && "\(error)".contains("from 1 to 64")
    }
  }

  /// The calling thread as the path `PID/task/TID` below `/proc`.
  private func currentThread() -> String {
    var path = [CChar](repeating: 0, count: 64)
    let count = readlink("/proc/thread-self", &path, path.count)
    return String(decoding: path.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
