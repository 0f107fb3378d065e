import ConvNet
import Im2col
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Optimizers")
struct OptimizerTests {
  @Test("Adam agrees with Double over many updates", arguments: [Float(1e-7), 1e-8])
  func adam(epsilon: Float) throws {
    let count = 1_037
    let optimizer = Optimizer.adam(epsilon: epsilon)
    var parameters = try RandomImages.tensor([count], seed: 81).scalars
    var state = optimizer.freshState(parameters: count)
    var (w, m, v) = (
      parameters.map(Double.init), [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
    )
    for t in 1...20 {
      let gradients = try RandomImages.tensor([count], seed: 82 + UInt64(t)).scalars
      try optimizer.update(parameters: &parameters, gradients: gradients, state: &state)
      let (b1, b2) = (Double(Float(0.9)), Double(Float(0.999)))
      let step = Double(Float(0.001)) * (1 - pow(b2, Double(t))).squareRoot() / (1 - pow(b1, Double(t)))
      for i in 0..<count {
        let g = Double(gradients[i])
        m[i] = b1 * m[i] + (1 - b1) * g
        v[i] = b2 * v[i] + (1 - b2) * g * g
        w[i] -= step * m[i] / (v[i].squareRoot() + Double(epsilon))
      }
    }
    #expect(state.updates == 20)
    let worst = zip(parameters, w).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(worst < 2e-6)
  }

  @Test("gradient descent with and without momentum")
  func sgd() throws {
    var plain: [Float] = [1, 2, 3]
    var state = Optimizer.sgd(learningRate: 0.5).freshState(parameters: 3)
    #expect(state.first.isEmpty && state.second.isEmpty)
    try Optimizer.sgd(learningRate: 0.5).update(parameters: &plain, gradients: [2, 4, -2], state: &state)
    #expect(plain == [0, 0, 4])

    let optimizer = Optimizer.sgd(learningRate: 0.5, momentum: 0.5)
    var parameters: [Float] = [0]
    state = optimizer.freshState(parameters: 1)
    try optimizer.update(parameters: &parameters, gradients: [2], state: &state)
    try optimizer.update(parameters: &parameters, gradients: [2], state: &state)
    #expect(state.first == [-1.5])
    #expect(parameters == [-2.5])
  }

  @Test("settings and states that make no sense")
  func refused() throws {
    var parameters: [Float] = [1]
    for optimizer in [
      Optimizer.adam(learningRate: .nan), .adam(beta1: 1), .adam(beta2: -0.1), .adam(epsilon: -1),
      .sgd(learningRate: -1), .sgd(momentum: 2),
    ] {
      var state = optimizer.freshState(parameters: 1)
      #expect(throws: EngineError.self) {
        try optimizer.update(parameters: &parameters, gradients: [1], state: &state)
      }
    }
    var state = Optimizer.sgd().freshState(parameters: 1)
    #expect(throws: EngineError.self) {
      try Optimizer.adam().update(parameters: &parameters, gradients: [1], state: &state)
    }
    #expect(parameters == [1])
  }
}
