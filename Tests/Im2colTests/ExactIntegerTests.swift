import Im2col
import Im2colReference
import Testing

/// Sums of small integers are exact in any order, so every element must equal the loop nest (as in oneDNN's
/// benchdnn).
@Suite struct ExactIntegerTests {
  @Test("Forward and all gradients equal the loop nest", arguments: RandomCases.parts)
  func equalsLoopNest(part: Int) throws {
    for test in RandomCases.part(part) {
      let operands = test.integers()
      let expected = operands.results(test.geometry)
      try #require(expected.all.allSatisfy { $0.areExactInFloat }, "sums exceed 2^24 in \(test)")
      let actual = try test.results(operands, test.options(lowering: .im2col))
      #expect(firstMismatch(actual.output, expected.output.sums) == nil, "forward, \(test)")
      #expect(
        firstMismatch(actual.inputGradient, expected.inputGradient.sums) == nil, "input gradient, \(test)")
      #expect(
        firstMismatch(actual.kernelGradient, expected.kernelGradient.sums) == nil, "kernel gradient, \(test)")
      #expect(firstMismatch(actual.biasGradient, expected.biasGradient.sums) == nil, "bias gradient, \(test)")
    }
  }
}
