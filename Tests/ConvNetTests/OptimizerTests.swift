import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Optimizers")
struct OptimizerTests {
  @Test("Adam agrees with the reference in Double over many updates", arguments: [Float(1e-7), 1e-8])
  func adam(epsilon: Float) throws {
    let count = 1_037
    let optimizer = Optimizer.adam(epsilon: epsilon)
    var parameters = try RandomImages.tensor([count], seed: 81).scalars
    var state = optimizer.initialState(parameters: count)
    var reference = ReferenceAdam(
      learningRate: Double(Float(0.001)), beta1: Double(Float(0.9)), beta2: Double(Float(0.999)),
      epsilon: Double(epsilon))
    var expected = [DoubleTensor(shape: [count], scalars: parameters.map(Double.init))]
    for t in 1...20 {
      let gradient = try RandomImages.tensor([count], seed: 82 + UInt64(t))
      try optimizer.update(parameters: &parameters, gradients: gradient.scalars, state: &state)
      reference.update(&expected, gradients: [DoubleTensor(gradient)])
    }
    #expect(state.updates == 20)
    let maxError = zip(parameters, expected[0].scalars).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(maxError < 2e-6)
  }

  @Test("gradient descent with and without momentum")
  func sgd() throws {
    var plain: [Float] = [1, 2, 3]
    var state = Optimizer.sgd(learningRate: 0.5).initialState(parameters: 3)
    #expect(state.firstMoment.isEmpty && state.secondMoment.isEmpty)
    try Optimizer.sgd(learningRate: 0.5).update(parameters: &plain, gradients: [2, 4, -2], state: &state)
    #expect(plain == [0, 0, 4])

    let optimizer = Optimizer.sgd(learningRate: 0.5, momentum: 0.5)
    var parameters: [Float] = [0]
    state = optimizer.initialState(parameters: 1)
    try optimizer.update(parameters: &parameters, gradients: [2], state: &state)
    try optimizer.update(parameters: &parameters, gradients: [2], state: &state)
    #expect(state.firstMoment == [-1.5])
    #expect(parameters == [-2.5])
  }

  @Test("invalid settings and states are errors")
  func refused() throws {
    var parameters: [Float] = [1]
    for optimizer in [
      Optimizer.adam(learningRate: .nan), .adam(beta1: 1), .adam(beta2: -0.1), .adam(epsilon: -1),
      .sgd(learningRate: -1), .sgd(momentum: 2),
    ] {
      var state = optimizer.initialState(parameters: 1)
      #expect(throws: EngineError.self) {
        try optimizer.update(parameters: &parameters, gradients: [1], state: &state)
      }
    }
    var state = Optimizer.sgd().initialState(parameters: 1)
    #expect(throws: EngineError.self) {
      try Optimizer.adam().update(parameters: &parameters, gradients: [1], state: &state)
    }
    #expect(parameters == [1])
  }
}
