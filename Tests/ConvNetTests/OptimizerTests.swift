import ConvNet
import Foundation
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

  @Test("Nesterov's momentum agrees with Keras' and PyTorch's forms in Double", arguments: [Float(0), 0.01])
  func nesterov(weightDecay: Float) throws {
    let count = 1_041
    let optimizer = Optimizer.sgd(
      learningRate: 0.125, momentum: 0.875, nesterov: true, weightDecay: weightDecay)
    var parameters = try RandomImages.tensor([count], seed: 83).scalars
    var state = optimizer.initialState(parameters: count)
    var keras = parameters.map(Double.init), pytorch = keras
    var velocity = [Double](repeating: 0, count: count), buffer = velocity
    for t in 0..<10 {
      let gradient = try RandomImages.tensor([count], seed: 84 + UInt64(t)).scalars
      try optimizer.update(parameters: &parameters, gradients: gradient, state: &state)
      ReferenceOptimizers.sgd(
        &keras, velocity: &velocity, gradient: gradient.map(Double.init), rate: 0.125, momentum: 0.875,
        nesterov: true, weightDecay: Double(weightDecay))
      ReferenceOptimizers.pytorchNesterov(
        &pytorch, buffer: &buffer, gradient: gradient.map(Double.init), rate: 0.125, momentum: 0.875)
    }
    #expect((zip(parameters, keras).map { abs(Double($0) - $1) }.max() ?? 1) < 4e-6)
    if weightDecay == 0 { #expect((zip(keras, pytorch).map { abs($0 - $1) }.max() ?? 1) < 1e-13) }
  }

  @Test("RMSprop agrees with the reference in Double", arguments: [(Float(0), Float(0)), (0.875, 0.5)])
  func rmsprop(momentum: Float, weightDecay: Float) throws {
    let count = 1_043
    let optimizer = Optimizer.rmsprop(
      learningRate: 0.0078125, rho: 0.75, momentum: momentum, epsilon: 0.0009765625, weightDecay: weightDecay)
    var parameters = try RandomImages.tensor([count], seed: 85).scalars
    var state = optimizer.initialState(parameters: count)
    #expect(state.firstMoment.count == count)
    #expect(state.secondMoment.count == (momentum > 0 ? count : 0))
    var expected = parameters.map(Double.init)
    var meanSquares = [Double](repeating: 0, count: count), velocity = meanSquares
    for t in 0..<10 {
      let gradient = try RandomImages.tensor([count], seed: 86 + UInt64(t)).scalars
      try optimizer.update(parameters: &parameters, gradients: gradient, state: &state)
      ReferenceOptimizers.rmsprop(
        &expected, meanSquares: &meanSquares, velocity: &velocity, gradient: gradient.map(Double.init),
        rate: 0.0078125, rho: 0.75, momentum: Double(momentum), epsilon: 0.0009765625,
        weightDecay: Double(weightDecay))
    }
    #expect((zip(parameters, expected).map { abs(Double($0) - $1) }.max() ?? 1) < 2e-6)
  }

  @Test("settings without Nesterov's momentum are encoded as in version 0.1.0, and with it return")
  func coding() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let plain = String(decoding: try encoder.encode(SGD(learningRate: 0.5, momentum: 0.25)), as: UTF8.self)
    #expect(
      plain
        == #"{"learningRate":0.5,"momentum":0.25,"schedule":{"shape":{"constant":{}},"warmup":0},"weightDecay":0}"#
    )
    for optimizer in [
      Optimizer.sgd(momentum: 0.5, nesterov: true), .sgd(momentum: 0.5), .rmsprop(rho: 0.5, momentum: 0.25),
    ] {
      #expect(try JSONDecoder().decode(Optimizer.self, from: encoder.encode(optimizer)) == optimizer)
    }
  }

  @Test("invalid settings and states are errors")
  func refused() throws {
    var parameters: [Float] = [1]
    for optimizer in [
      Optimizer.adam(learningRate: .nan), .adam(beta1: 1), .adam(beta2: -0.1), .adam(epsilon: -1),
      .sgd(learningRate: -1), .sgd(momentum: 2), .sgd(nesterov: true), .rmsprop(rho: 1),
      .rmsprop(epsilon: .infinity), .rmsprop(momentum: -0.5),
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
