import Im2col
import Im2colReference
import Testing

@Suite struct CallerOwnedStorageTests {
  @Test("What the caller's storage held is overwritten, NaN too")
  func overwritten() throws {
    for test in DrawnCases.all.prefix(80) {
      let operands = test.integers()
      let expected = operands.results(test.geometry)
      let (input, kernel) = (try operands.input.rounded(), try operands.kernel.rounded())
      let gradient = try operands.outputGradient.rounded()
      for lowering in Lowering.allCases {
        let convolution = Convolution(test.geometry, options: test.options(lowering: lowering))
        var output = try Tensor(repeating: .nan, shape: test.geometry.outputShape)
        var ofInput = try Tensor(repeating: .nan, shape: test.geometry.inputShape)
        var ofKernel = try Tensor(repeating: .nan, shape: test.geometry.kernelShape)
        var ofBias = try Tensor(repeating: .nan, shape: [test.geometry.outputChannels])
        // Twice: what the first call leaves in shared scratch must not be seen by the second.
        for _ in 0..<2 {
          try convolution.forward(input, kernel: kernel, bias: try operands.bias.rounded(), into: &output)
          try convolution.inputGradient(of: gradient, kernel: kernel, into: &ofInput)
          try convolution.kernelGradient(of: gradient, input: input, into: &ofKernel)
          try convolution.biasGradient(of: gradient, into: &ofBias)
        }
        // Lowerings that transform the numbers may round; the others are exact.
        let tolerance = Tolerance.absolute(lowering == .im2col || lowering == .direct ? 0 : 1)
        for (actual, expected) in [
          (output, expected.output), (ofInput, expected.inputGradient), (ofKernel, expected.kernelGradient),
          (ofBias, expected.biasGradient),
        ] {
          #expect(firstMismatch(actual, expected.sums, tolerance: tolerance) == nil, "\(lowering), \(test)")
        }
      }
    }
  }
}
