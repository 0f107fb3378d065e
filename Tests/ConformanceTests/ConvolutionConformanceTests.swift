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

    let points = PointReference(
      geometry, input: input, kernel: kernel, bias: bias, outputGradient: outputGradient)
    for (role, pass, actual, sums) in [
      ("z", .forward, output, reference.output),
      ("dx", .inputGradient, gradients.input, reference.inputGradient),
      ("dkernel", .kernelGradient, gradients.kernel, reference.kernelGradient),
      ("dbias", nil, gradients.bias, reference.biasGradient),
    ] as [(String, ConvolutionProblem.Pass?, Tensor, SumsOfProducts)] {
      let expected = try test.tensor(role)
      let tolerance = pass.map {
        points.tolerance(sums, expected, ConvolutionProblem(geometry, $0), lowering)
      }
      #expect(
        firstMismatch(
          actual, DoubleTensor(expected), tolerance: tolerance ?? sums.bounds(storedAs: expected)) == nil,
        "\(role) of \(test)")
      let storage = Tolerance.each(
        zip(expected.scalars, sums.magnitudes.scalars).map { ErrorBound.ofStorage(Double($0)) + 1e-13 * $1 })
      #expect(
        firstMismatch(sums.sums, DoubleTensor(expected), tolerance: storage) == nil,
        "\(role) of \(test) in the loop nest")
    }
  }
}

extension PointReference {
  /// Returns the bound of the row that computes a pass, and the error of storing the expected values.
  fileprivate func tolerance(
    _ sums: SumsOfProducts, _ expected: Tensor, _ problem: ConvolutionProblem, _ lowering: Lowering
  ) -> Tolerance {
    let bound = LoweringBound(LoweringTable.row(for: problem, lowering).lowering)
    guard bound.tile != nil else { return sums.bounds(storedAs: expected) }
    return .each(
      expected.scalars.indices.map { index in
        let sum = PointReference.Sum(
          value: sums.sums.scalars[index], magnitude: sums.magnitudes.scalars[index], terms: sums.terms)
        let allowed = bound.allowed(sum) { tileMagnitude(problem.pass, at: index, side: $0) }
        return allowed + ErrorBound.ofStorage(Double(expected.scalars[index]))
      })
  }
}
