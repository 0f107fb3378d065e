import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite struct AdamConformanceTests {
  @Test("every step of Adam", arguments: Fixtures.cases(of: "adam"))
  func adam(test: ConformanceCase) throws {
    let (start, gradients, expected) = (
      try test.tensor("w0"), try test.tensor("gradients"), try test.tensor("w")
    )
    let rate = try #require(test.learning_rate)
    let optimizer = Optimizer.adam(
      learningRate: rate, beta1: try #require(test.beta1), beta2: try #require(test.beta2),
      epsilon: try #require(test.epsilon))
    var state = optimizer.initialState(parameters: start.count)
    var weights = start.scalars
    var referenceAdam = ReferenceAdam(
      learningRate: Double(rate), beta1: 0.9, beta2: 0.999, epsilon: Double(try #require(test.epsilon)))
    var reference = [DoubleTensor(start)]
    for step in 0..<gradients.shape[0] {
      let range = step * start.count..<(step + 1) * start.count
      let gradient = Array(gradients.scalars[range])
      try optimizer.update(parameters: &weights, gradients: gradient, state: &state)
      referenceAdam.update(
        &reference, gradients: [DoubleTensor(shape: start.shape, scalars: gradient.map(Double.init))])

      // TensorFlow also computes the steps in float32, so the weight is rounded once per step in both. A step
      // has a relative error of 3e-5, because 1 - 0.999 is off by half of that if 0.999 is a Float.
      let values = expected.scalars[range].map(Double.init)
      let bounds = values.map {
        Double(step + 1) * (2 * ErrorBound.ofStorage($0) + 3e-5 * Double(rate))
      }
      let actual = DoubleTensor(shape: start.shape, scalars: weights.map(Double.init))
      let stored = DoubleTensor(shape: start.shape, scalars: values)
      #expect(firstMismatch(actual, stored, tolerance: .each(bounds)) == nil, "step \(step) of \(test)")
      #expect(
        firstMismatch(reference[0], stored, tolerance: .each(bounds)) == nil,
        "step \(step) of \(test), in Double")
    }
    #expect(state.updates == gradients.shape[0])
  }
}
