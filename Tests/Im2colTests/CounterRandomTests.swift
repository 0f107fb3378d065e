import Im2col
import Testing

@Suite struct CounterRandomTests {
  /// The known-answer tests of Random123, the library of the paper.
  @Test(arguments: [
    (
      counter: SIMD4<UInt32>(repeating: 0), key: SIMD2<UInt32>(repeating: 0),
      answer: SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(repeating: UInt32.max), SIMD2(repeating: UInt32.max),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func philoxKnownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, answer: SIMD4<UInt32>) {
    #expect(CounterRandom.philox(counter: counter, key: key) == answer)
  }

  @Test func numbersAreTheHalvesOfTheBlocks() {
    let random = CounterRandom(seed: 0, stream: .init(purpose: 0, index: 0))
    #expect(random[0] == 0xe169_c58d_6627_e8d5)
    #expect(random[1] == 0x9b00_dbd8_bc57_ac4c)
    let second = random.block(1)
    #expect(random[2] == UInt64(second[1]) << 32 | UInt64(second[0]))
  }

  @Test func seedStreamAndCounterAllMatter() {
    let random = CounterRandom(seed: 7, stream: .shuffle(epoch: 3))
    let others = [
      random[1], CounterRandom(seed: 8, stream: .shuffle(epoch: 3))[0],
      CounterRandom(seed: 7 + (1 << 32), stream: .shuffle(epoch: 3))[0],
      CounterRandom(seed: 7, stream: .shuffle(epoch: 4))[0],
      CounterRandom(seed: 7, stream: .initialValues(parameter: 3))[0], random[1 << 40],
    ]
    #expect(Set(others + [random[0]]).count == others.count + 1)
  }

  @Test(arguments: [1, 2, 3, 10, 60_000, 1 << 32] as [UInt64])
  func boundedNumbersStayBelowTheBound(bound: UInt64) {
    let random = CounterRandom(seed: 11, stream: .init(purpose: 9, index: 0))
    var counter: UInt64 = 0
    for _ in 0..<200 {
      let value = random.next(below: bound, at: &counter)
      #expect(value < bound)
    }
    #expect(counter == 200, "a rejection is nearly impossible at bound \(bound)")
  }

  /// Just above half of the range, nearly every second number is rejected.
  @Test func rejectionMovesTheCounter() {
    let bound: UInt64 = (1 << 63) + 1
    let random = CounterRandom(seed: 12, stream: .init(purpose: 9, index: 1))
    var counter: UInt64 = 0
    for _ in 0..<400 {
      #expect(random.next(below: bound, at: &counter) < bound)
    }
    #expect((700..<900).contains(counter), "400 numbers took \(counter) draws")
  }

  /// Each bin has mean 1,000 and standard deviation 30; a deviation of 6 sigma does not happen by chance.
  @Test func boundedNumbersAreEven() {
    let random = CounterRandom(seed: 13, stream: .init(purpose: 9, index: 2))
    var counter: UInt64 = 0
    var bins = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 { bins[Int(random.next(below: 10, at: &counter))] += 1 }
    #expect(bins.allSatisfy { (820...1180).contains($0) }, "\(bins)")
  }
}
