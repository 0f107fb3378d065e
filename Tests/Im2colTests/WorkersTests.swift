import Glibc
import Im2col
import Synchronization
import Testing

@Suite struct WorkersTests {
  /// How often each unit was done; unit counts are what every test here looks at.
  final class Tally: Sendable {
    private let counts: Mutex<[Int]>
    init(units: Int) { counts = Mutex([Int](repeating: 0, count: units)) }
    func add(_ unit: Int) { counts.withLock { $0[unit] += 1 } }
    var all: [Int] { counts.withLock { $0 } }
  }

  @Test("Every unit is done once, by a worker of the right number", arguments: [1, 2, 3, 8])
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

  @Test("No two threads use the same worker number at once")
  func workersHaveScratchOfTheirOwn() throws {
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

  @Test("Many threads may call at once, and each gets its own units done before its call returns")
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

  @Test("A job inside a job is done by the worker that meets it")
  func nested() throws {
    let workers = try Workers(3)
    let tally = Tally(units: 12 * 5)
    workers.run(12) { outer, _ in
      workers.run(5) { inner, _ in tally.add(outer * 5 + inner) }
    }
    #expect(tally.all == [Int](repeating: 1, count: 60))
  }

  @Test("Workers end with their owner: a thousand owners leave no thread behind")
  func threadsEnd() throws {
    let before = threadsOfThisProcess()
    for _ in 0..<1000 {
      let workers = try Workers(3)
      let tally = Tally(units: 4)
      workers.run(4) { unit, _ in tally.add(unit) }
      try #require(tally.all == [1, 1, 1, 1])
    }
    // Other tests run beside this one and start threads of their own; 2,000 left behind would show.
    #expect(threadsOfThisProcess() < before + 200)
  }

  @Test("The last reference may go inside of a job")
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

  @Test("A count out of range is a typed error", arguments: [0, -1, 65, Int.max, Int.min])
  func countOutOfRange(count: Int) {
    #expect {
      _ = try Workers(count)
    } throws: { error in
      error is EngineError && "\(error)".contains("number of workers is \(count)")
        && "\(error)".contains("1..<65")
    }
  }

  /// The number behind `Threads:` in this process' status.
  private func threadsOfThisProcess() -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      if text.hasPrefix("Threads:") { return Int(text.dropFirst(8).filter(\.isNumber)) ?? 0 }
    }
    return 0
  }
}
