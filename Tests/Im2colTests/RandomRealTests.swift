import Im2col
import Im2colReference
import Testing

@Suite struct RandomRealTests {
  /// The values: mixed signs, where terms cancel, and positive numbers, where errors accumulate.
  enum Fill: CaseIterable, Sendable { case mixed, positive }

  @Test("Reals stay within the bound for 99.99% of the outputs", arguments: Fill.allCases)
  func withinBound(fill: Fill) throws {
    var (outputs, beyond) = (0, 0)
    var worst: (mismatch: Mismatch?, test: String) = (nil, "")
    for test in RandomCases.all.prefix(RandomCases.count / 2) {
      var operands = test.reals()
      if fill == .positive {
        operands.input = operands.input.map(abs)
        operands.kernel = operands.kernel.map(abs)
        operands.outputGradient = operands.outputGradient.map(abs)
      }
      let expected = operands.results(test.geometry)
      let actual = try test.results(operands, test.options(lowering: .im2col))
      for (one, other) in [
        (actual.output, expected.output), (actual.inputGradient, expected.inputGradient),
        (actual.kernelGradient, expected.kernelGradient), (actual.biasGradient, expected.biasGradient),
      ] {
        let comparison = Comparison(
          actual: DoubleTensor(one), expected: other.sums, tolerance: .each(other.bounds))
        outputs += comparison.count
        beyond += comparison.mismatches
        if let first = comparison.first { worst = (first, test.description) }
        // Every output is within the worst case of any order of summation: K instead of 2 * sqrt(K).
        let hard = other.magnitudes.scalars.map { Double(other.terms + 2) * ErrorBound.unit * $0 * 1.01 }
        #expect(firstMismatch(one, other.sums, tolerance: .each(hard)) == nil, "\(test)")
      }
    }
    #expect(outputs > 100_000)
    #expect(
      beyond * 10_000 <= outputs,
      "\(beyond) of \(outputs) beyond the bound, such as \(worst.mismatch?.description ?? "") of \(worst.test)"
    )
  }

  @Test("Every activation is applied after the bias", arguments: LoopNestActivations.samples)
  func activations(_ activation: Activation) throws {
    for test in RandomCases.all.prefix(30) {
      let operands = test.reals()
      let linear = LoopNestConvolution.forward(
        input: operands.input, kernel: operands.kernel, bias: operands.bias, test.geometry)
      let actual = try convolve(
        try operands.input.rounded(), kernel: try operands.kernel.rounded(),
        bias: try operands.bias.rounded(),
        activation: activation, padding: test.padding, stride: test.stride, dilation: test.dilation,
        groups: test.geometry.groups, options: test.options(lowering: .im2col))
      // No activation has a slope above 3/2 (softmax: at most 1/2 for its own logit, and less than 1 in total),
      // and tanh and exp are accurate to a few units in the last place.
      let largest = linear.bounds.max() ?? 0
      let expected = LoopNestActivations.forward(activation, linear.sums)
      #expect(
        firstMismatch(
          actual, expected,
          tolerance: .each(expected.scalars.map { 2 * largest + 8 * ErrorBound.unit * (abs($0) + 1) }))
          == nil, "\(activation), \(test)")
    }
  }
}
