import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite struct PoolingConformanceTests {
  @Test("pooling and its gradient", arguments: Fixtures.cases(of: "pooling"))
  func pooling(test: ConformanceCase) throws {
    let (input, outputGradient) = (try test.tensor("x"), try test.tensor("dy"))
    let mode: PoolingMode = test.mode == "max" ? .max : .average
    let referenceMode: LoopNestPooling.Mode = test.mode == "max" ? .max : .average
    let window = try WindowGeometry(
      input: Size2D(height: input.shape[1], width: input.shape[2]), kernel: test.windowSize,
      stride: test.strideSize, padding: test.paddingRule)

    let output = try pool(
      input, mode, window: test.windowSize, stride: test.strideSize, padding: test.paddingRule)
    let gradient = try poolingGradient(
      of: outputGradient, input: input, mode, window: test.windowSize, stride: test.strideSize,
      padding: test.paddingRule, ties: .first)

    // A maximum is one of its inputs. A mean, and the sum of the gradients of overlapping windows, has at
    // most as many terms as a window has taps; the error bound follows from the sums of absolute values.
    let terms = window.taps
    let meanMagnitudes = LoopNestPooling.forward(DoubleTensor(input).map(abs), window, .average)
    let gradientMagnitudes = LoopNestPooling.gradient(
      of: DoubleTensor(outputGradient).map(abs), input: DoubleTensor(input), window, referenceMode)
    func bounds(_ magnitudes: DoubleTensor, storedAs expected: Tensor) -> Tolerance {
      .each(
        zip(magnitudes.scalars, expected.scalars).map {
          ErrorBound.ofSum(terms: terms, magnitude: $0) + ErrorBound.ofStorage(Double($1))
        })
    }
    let (y, dx) = (try test.tensor("y"), try test.tensor("dx"))
    let tolerance = mode == .max ? Tolerance.exact : bounds(meanMagnitudes, storedAs: y)
    #expect(firstMismatch(output, y, tolerance: tolerance) == nil, "y of \(test)")
    #expect(
      firstMismatch(gradient, dx, tolerance: bounds(gradientMagnitudes, storedAs: dx)) == nil, "dx of \(test)"
    )

    // The loop nest is compared with the same values.
    let (input64, gradient64) = (DoubleTensor(input), DoubleTensor(outputGradient))
    #expect(
      firstMismatch(
        LoopNestPooling.forward(input64, window, referenceMode), DoubleTensor(y), tolerance: .absolute(1e-6))
        == nil)
    #expect(
      firstMismatch(
        LoopNestPooling.gradient(of: gradient64, input: input64, window, referenceMode), DoubleTensor(dx),
        tolerance: .absolute(1e-6)) == nil)
  }
}
