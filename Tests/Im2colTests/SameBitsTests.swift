import Im2col
import Im2colReference
import Testing

@Suite struct SameBitsTests {
  /// Mostly large enough for several units in every pass.
  static let cases = (0..<12).map { ConvolutionCase(seed: 40_000 + UInt64($0), multiplications: 3_000_000) }

  @Test("One, two and three workers give the same bits", arguments: cases, Lowering.allCases)
  func workers(test: ConvolutionCase, lowering: Lowering) throws {
    let operands = test.reals()
    let results = try (1...3).map { workers in
      try test.results(
        operands, RandomCases.options(workers: workers, scratchBytes: test.scratchBytes, lowering: lowering))
    }
    for other in results.dropFirst() { expectSameBits(other, results[0], test) }
  }

  @Test("Two concurrent callers with the same workers get the bits of one caller")
  func callersAtOnce() async throws {
    let options = RandomCases.options(workers: 3, scratchBytes: 8_192)
    let alone = try Self.cases.map { try $0.results($0.reals(), options) }
    try await withThrowingTaskGroup(of: [EngineResults].self) { group in
      for _ in 0..<2 {
        group.addTask { try Self.cases.map { try $0.results($0.reals(), options) } }
      }
      for try await together in group {
        for (index, test) in Self.cases.enumerated() { expectSameBits(together[index], alone[index], test) }
      }
    }
  }

  @Test("A matrix product has the same bits with any number of workers")
  func multiplication() throws {
    var random = SplitMix64(seed: 3)
    let (left, right) = (try random.reals([700, 333]).rounded(), try random.reals([333, 65]).rounded())
    let alone = try multiply(left, right, options: RandomCases.options(workers: 1))
    for workers in 2...3 {
      let together = try multiply(left, right, options: RandomCases.options(workers: workers))
      #expect(firstDifferentBits(together, alone) == nil)
    }
  }

  private func expectSameBits(_ one: EngineResults, _ other: EngineResults, _ test: ConvolutionCase) {
    #expect(firstDifferentBits(one.output, other.output) == nil, "forward, \(test)")
    #expect(firstDifferentBits(one.inputGradient, other.inputGradient) == nil, "input gradient, \(test)")
    #expect(firstDifferentBits(one.kernelGradient, other.kernelGradient) == nil, "kernel gradient, \(test)")
    #expect(firstDifferentBits(one.biasGradient, other.biasGradient) == nil, "bias gradient, \(test)")
  }
}
