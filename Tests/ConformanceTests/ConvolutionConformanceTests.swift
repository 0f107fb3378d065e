import Im2col
import Im2colReference
import Testing

@Suite struct ConvolutionConformanceTests {
  @Test("the fixtures contain all 81 cases")
  func counts() throws {
    let cases = try Fixtures.cases.get()
    #expect(cases.count == 81)
    let counts = Dictionary(grouping: cases, by: \.op).mapValues(\.count)
    #expect(counts == ["convolution": 48, "pooling": 24, "softmax_cross_entropy": 6, "adam": 3])
    #expect(try Fixtures.tensors.get().entries.count >= 48 * 8)
  }

  @Test(
    "convolution and its three gradients", arguments: Fixtures.cases(of: "convolution"), Lowering.allCases)
  func convolution(test: ConformanceCase, lowering: Lowering) throws {
    let (input, kernel, bias) = (try test.tensor("x"), try test.tensor("kernel"), try test.tensor("bias"))
    let outputGradient = try test.tensor("dz")
    let groups = test.groups ?? 1
    let geometry = try ConvolutionGeometry(
      input: input.shape, kernel: kernel.shape, stride: test.strideSize, dilation: test.dilationSize,
      groups: groups, padding: test.paddingRule)
    // The loop nest provides the error bound of each result. It is compared with TensorFlow, too.
    let reference = ConvolutionOperands(
      input: DoubleTensor(input), kernel: DoubleTensor(kernel), bias: DoubleTensor(bias),
      outputGradient: DoubleTensor(outputGradient)
    ).results(geometry)

    let options = ComputeOptions(lowering: lowering)
    let output = try convolve(
      input, kernel: kernel, bias: bias, padding: test.paddingRule, stride: test.strideSize,
      dilation: test.dilationSize, groups: groups, options: options)
    let gradients = try convolutionGradients(
      of: outputGradient, input: input, kernel: kernel, padding: test.paddingRule, stride: test.strideSize,
      dilation: test.dilationSize, groups: groups, options: options)

    for (role, actual, sums) in [
      ("z", output, reference.output), ("dx", gradients.input, reference.inputGradient),
      ("dkernel", gradients.kernel, reference.kernelGradient),
      ("dbias", gradients.bias, reference.biasGradient),
    ] {
      let expected = try test.tensor(role)
      #expect(
        firstMismatch(actual, DoubleTensor(expected), tolerance: sums.bounds(storedAs: expected)) == nil,
        "\(role) of \(test)")
      let storage = Tolerance.each(
        zip(expected.scalars, sums.magnitudes.scalars).map { ErrorBound.ofStorage(Double($0)) + 1e-13 * $1 })
      #expect(
        firstMismatch(sums.sums, DoubleTensor(expected), tolerance: storage) == nil,
        "\(role) of \(test) in the loop nest")
    }
  }
}
