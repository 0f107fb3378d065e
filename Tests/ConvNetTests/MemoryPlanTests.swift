import Im2colReference
import Testing

@testable import ConvNet

@Suite("Memory plan")
struct MemoryPlanTests {
  @Test("buffers share memory when they are not alive at the same time")
  func example() {
    let plan = MemoryPlan([
      .init(size: 48, life: 0...1), .init(size: 32, life: 2...4), .init(size: 16, life: 1...3),
    ])
    #expect(plan.offsets == [0, 0, 48] && plan.size == 64)
    #expect(MemoryPlan([]).size == 0)
    #expect(MemoryPlan([.init(size: 0, life: 0...9), .init(size: 16, life: 0...9)]).offsets == [0, 0])
  }

  @Test("random buffers never overlap while both are alive, and need no more than all of them")
  func random() {
    for seed in 0..<200 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let buffers = (0..<random.roll(1...40)).map { _ in
        let start = random.roll(0...30)
        return MemoryPlan.Buffer(size: random.roll(0...9) * 16, life: start...start + random.roll(0...12))
      }
      let plan = MemoryPlan(buffers)
      for (i, one) in buffers.enumerated() {
        #expect(plan.offsets[i] + one.size <= plan.size, "seed \(seed)")
        for (j, other) in buffers.enumerated() where j < i && one.life.overlaps(other.life) {
          let apart =
            plan.offsets[i] + one.size <= plan.offsets[j] || plan.offsets[j] + other.size <= plan.offsets[i]
          #expect(apart || one.size == 0 || other.size == 0, "seed \(seed): buffers \(j) and \(i)")
        }
      }
      let peak =
        (0...50).map { time in
          buffers.filter { $0.life.contains(time) }.map(\.size).reduce(0, +)
        }.max() ?? 0
      #expect(plan.size >= peak && plan.size <= buffers.map(\.size).reduce(0, +), "seed \(seed)")
    }
  }
}
