import Im2col
import Im2colReference
import Testing

@Suite struct CallerOwnedStorageTests {
  @Test("Results overwrite the previous contents of the caller's storage, including NaN")
  func overwritten() throws {
    for test in RandomCases.all.prefix(80) {
      let operands = test.integers()
      let expected = operands.results(test.geometry)
      let (input, kernel) = (try operands.input.rounded(), try operands.kernel.rounded())
      let gradient = try operands.outputGradient.rounded()
      for lowering in Lowering.allCases {
        let convolution = Convolution(test.geometry, options: test.options(lowering: lowering))
        var output = try Tensor(repeating: .nan, shape: test.geometry.outputShape)
        var inputGradient = try Tensor(repeating: .nan, shape: test.geometry.inputShape)
        var kernelGradient = try Tensor(repeating: .nan, shape: test.geometry.kernelShape)
        var biasGradient = try Tensor(repeating: .nan, shape: [test.geometry.outputChannels])
        // Twice, because the second call must ignore what the first one left in the scratch memory.
        for _ in 0..<2 {
          try convolution.forward(input, kernel: kernel, bias: try operands.bias.rounded(), into: &output)
          try convolution.inputGradient(of: gradient, kernel: kernel, into: &inputGradient)
          try convolution.kernelGradient(of: gradient, input: input, into: &kernelGradient)
          try convolution.biasGradient(of: gradient, into: &biasGradient)
        }
        // Lowerings with transforms may round; the others are exact.
        let tolerance = Tolerance.absolute(lowering == .im2col || lowering == .direct ? 0 : 1)
        for (actual, expected) in [
          (output, expected.output), (inputGradient, expected.inputGradient),
          (kernelGradient, expected.kernelGradient),
          (biasGradient, expected.biasGradient),
        ] {
          #expect(firstMismatch(actual, expected.sums, tolerance: tolerance) == nil, "\(lowering), \(test)")
        }
      }
    }
  }
}
