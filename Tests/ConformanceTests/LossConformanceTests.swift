import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite struct LossConformanceTests {
  @Test(
    "softmax cross-entropy, its probabilities and its gradient",
    arguments: Fixtures.cases(of: "softmax_cross_entropy"))
  func softmaxCrossEntropy(test: ConformanceCase) throws {
    let (logits, labels) = (try test.tensor("logits"), try test.tensor("onehot"))
    let (loss, probabilities, gradient) = try ConvNet.softmaxCrossEntropy(logits: logits, labels: labels)

    // Differences of logits are rounded once, and exp turns this absolute error into a relative one. The
    // exponential, the sum over the classes and the quotient add a few units in the last place.
    let spread = Double((logits.scalars.max() ?? 0) - (logits.scalars.min() ?? 0))
    let relative = (spread + 16) * ErrorBound.unit
    let expectedProbabilities = try test.tensor("probabilities")
    // Below the smallest normal Float a probability may be flushed to zero.
    let tiny = Double(Float.leastNormalMagnitude)
    let bounds = expectedProbabilities.scalars.map { 2 * relative * Double($0) + tiny }
    #expect(
      firstMismatch(probabilities, expectedProbabilities, tolerance: .each(bounds)) == nil,
      "probabilities of \(test)")
    let batch = Double(logits.shape[0])
    let expectedGradient = try test.tensor("dlogits")
    #expect(
      firstMismatch(
        gradient, expectedGradient,
        tolerance: .each(
          zip(bounds, expectedGradient.scalars).map {
            ($0 + 4 * ErrorBound.unit) / batch + ErrorBound.ofStorage(Double($1))
          })) == nil, "gradient of \(test)")
    let expectedLoss = Double(try test.tensor("loss").scalars[0])
    #expect(
      abs(loss - expectedLoss) <= 2 * relative * max(expectedLoss, 1),
      "\(loss), expected \(expectedLoss), \(test)"
    )

    let reference = LoopNestLoss.softmaxCrossEntropy.mean(
      outputs: DoubleTensor(logits), targets: DoubleTensor(labels))
    #expect(abs(reference.loss - expectedLoss) <= ErrorBound.ofStorage(expectedLoss) * 1.01)
    #expect(
      firstMismatch(reference.gradient, DoubleTensor(expectedGradient), tolerance: .absolute(1e-7)) == nil)
  }
}
