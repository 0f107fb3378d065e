import Im2col
import Im2colReference
import Testing

@Suite struct EmptyBatchTests {
  @Test("An empty batch gives an empty output, an empty input gradient, and zeros for kernel and bias")
  func empty() throws {
    for (kernelShape, groups) in [
      ([3, 3, 4, 6], 1), ([1, 1, 4, 6], 1), ([2, 3, 1, 8], 4), ([5, 5, 2, 2], 2),
    ] {
      let input = try Tensor(repeating: 0, shape: [0, 7, 9, 4])
      let kernel = try Tensor(repeating: 1, shape: kernelShape)
      let bias = try Tensor(repeating: 1, shape: [kernelShape[3]])
      for activation in LoopNestActivations.samples {
        let output = try convolve(input, kernel: kernel, bias: bias, activation: activation, groups: groups)
        #expect(output.shape == [0, 7, 9, kernelShape[3]] && output.scalars.isEmpty)
      }
      let gradients = try convolutionGradients(
        of: try Tensor(repeating: 0, shape: [0, 7, 9, kernelShape[3]]), input: input, kernel: kernel,
        groups: groups)
      #expect(gradients.input.shape == [0, 7, 9, 4])
      #expect(gradients.kernel == (try Tensor(repeating: 0, shape: kernelShape)))
      #expect(gradients.bias == (try Tensor(repeating: 0, shape: [kernelShape[3]])))
    }
  }

  @Test("An empty batch overwrites the caller's storage")
  func callersStorage() throws {
    let geometry = try ConvolutionGeometry(input: [0, 5, 5, 1], kernel: [3, 3, 1, 2])
    let convolution = Convolution(geometry)
    var kernel = try Tensor(repeating: .nan, shape: geometry.kernelShape)
    try convolution.kernelGradient(
      of: try Tensor(repeating: 0, shape: geometry.outputShape),
      input: try Tensor(repeating: 0, shape: geometry.inputShape), into: &kernel)
    #expect(kernel.scalars.allSatisfy { $0 == 0 })
  }

  @Test("One pixel, one channel, one tap", arguments: Lowering.allCases)
  func smallest(lowering: Lowering) throws {
    let options = ComputeOptions(lowering: lowering)
    let one = try Tensor(shape: [1, 1, 1, 1], scalars: [3])
    let kernel = try Tensor(shape: [1, 1, 1, 1], scalars: [5])
    let output = try convolve(
      one, kernel: kernel, bias: try Tensor(shape: [1], scalars: [7]), options: options)
    #expect(output.scalars == [22])
    let gradients = try convolutionGradients(
      of: try Tensor(shape: [1, 1, 1, 1], scalars: [2]), input: one, kernel: kernel, options: options)
    #expect((gradients.input.scalars, gradients.kernel.scalars, gradients.bias.scalars) == ([10], [6], [2]))
  }

  @Test("A 7x7 window over a single pixel reads it once", arguments: Lowering.allCases)
  func windowOverOnePixel(lowering: Lowering) throws {
    let kernel = try Tensor(shape: [7, 7, 1, 1], scalars: (0..<49).map(Float.init))
    let output = try convolve(
      try Tensor(shape: [1, 1, 1, 1], scalars: [2]), kernel: kernel,
      options: ComputeOptions(lowering: lowering))
    #expect(output.scalars == [48])
  }
}
