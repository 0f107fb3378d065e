import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Activations")
struct ActivationTests {
  /// An activation of one row in Double.
  private static func reference(_ activation: Activation, _ row: [Double]) -> [Double] {
    LoopNestActivations.forward(activation, DoubleTensor(shape: [1, row.count], scalars: row)).scalars
  }

  @Test("values and derivatives agree with the reference in Double", arguments: LoopNestActivations.samples)
  func agree(_ activation: Activation) throws {
    let (rows, columns) = (5, 37)
    let small = try RandomImages.tensor([rows, columns], seed: 61)
    // Both ends of the hard functions, and ELU's and softplus' curves.
    let x = try Tensor(shape: small.shape, scalars: small.scalars.map { 5 * $0 })
    let g = try RandomImages.tensor([rows, columns], seed: 62)
    let y = try activate(x, activation)
    let dx = try activationGradient(of: g, input: x, activation)
    if !activation.needsInput { #expect(try activationGradient(of: g, output: y, activation) == dx) }
    for row in 0..<rows {
      let range = row * columns..<(row + 1) * columns
      let numbers = x.scalars[range].map(Double.init)
      let expected = Self.reference(activation, numbers)
      for (actual, expected) in zip(y.scalars[range], expected) {
        #expect(abs(Double(actual) - expected) < 1e-6, "\(activation)")
      }
      // The derivative of sum(g * f(x)) by a central difference, which includes the cross terms of softmax.
      for column in [0, 11, 36] {
        func moved(_ by: Double) -> Double {
          var numbers = numbers
          numbers[column] += by
          return zip(Self.reference(activation, numbers), g.scalars[range]).reduce(0) {
            $0 + $1.0 * Double($1.1)
          }
        }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(
          abs(Double(dx.scalars[range.lowerBound + column]) - difference) < 1e-4, "\(activation) \(column)")
      }
    }
  }

  @Test("ReLU propagates NaN and zeroes negative inputs")
  func relu() throws {
    let y = try activate(Tensor(shape: [4], scalars: [.nan, -.infinity, .infinity, -2]), .relu)
    #expect(y.scalars[0].isNaN)
    #expect(y.scalars[1...] == [0, .infinity, 0])
  }

  /// f and f' at infinity, negative infinity, negative zero, and the corners of the hard functions.
  static let corners: [(activation: Activation, x: [Float], y: [Float], derivative: [Float])] = [
    (.identity, [.infinity, -.infinity, 2], [.infinity, -.infinity, 2], [1, 1, 1]),
    (.relu, [.infinity, -.infinity, 0], [.infinity, 0, 0], [1, 0, 0]),
    (.tanh, [.infinity, -.infinity, 0], [1, -1, 0], [0, 0, 1]),
    (.sigmoid, [.infinity, -.infinity, 0], [1, 0, 0.5], [0, 0, 0.25]),
    (.relu6, [.infinity, -.infinity, 6, 0, 5.5], [6, 0, 6, 0, 5.5], [0, 0, 0, 0, 1]),
    (
      .leakyRelu(slope: 0.5), [.infinity, -.infinity, 0, -2], [.infinity, -.infinity, 0, -1],
      [1, 0.5, 0.5, 0.5]
    ),
    (.leakyRelu(slope: 0), [.infinity, -.infinity, 0, -2], [.infinity, 0, 0, 0], [1, 0, 0, 0]),
    (.elu(alpha: 0.5), [.infinity, -.infinity, 0, 3], [.infinity, -0.5, 0, 3], [1, 0, 0.5, 1]),
    (.hardSigmoid, [.infinity, -.infinity, 3, -3, 0], [1, 0, 1, 0, 0.5], [0, 0, 0, 0, 1 / 6]),
    (
      .hardSwish, [.infinity, -.infinity, 3, -3, 0, -1.5], [.infinity, 0, 3, 0, 0, -0.375],
      [1, 0, 1, 0, 0.5, 0]
    ),
    (.softplus, [.infinity, -.infinity, 100, -200], [.infinity, 0, 100, 0], [1, 0, 1, 0]),
    (.clip(min: -2, max: 3), [.infinity, -.infinity, -2, 3, 1], [3, -2, -2, 3, 1], [0, 0, 0, 0, 1]),
    (.clip(min: 1), [.infinity, -.infinity, 1, 2], [.infinity, 1, 1, 2], [0, 0, 0, 1]),
  ]

  @Test("infinities and corners", arguments: corners)
  func corner(_ corner: (activation: Activation, x: [Float], y: [Float], derivative: [Float])) throws {
    let x = try Tensor(shape: [corner.x.count], scalars: corner.x)
    #expect(try activate(x, corner.activation).scalars == corner.y, "\(corner.activation)")
    let ones = try Tensor(repeating: 1, shape: x.shape)
    #expect(
      try activationGradient(of: ones, input: x, corner.activation).scalars == corner.derivative,
      "\(corner.activation)")
  }

  @Test("every function keeps NaN, in its output and in its gradient", arguments: LoopNestActivations.samples)
  func notANumber(_ activation: Activation) throws {
    // More than a vector, so that vectors and remainders are both used.
    let x = try Tensor(shape: [37], scalars: (0..<37).map { $0 == 5 || $0 == 36 ? .nan : 1 })
    let y = try activate(x, activation)
    let gradient = try activationGradient(of: try Tensor(repeating: 1, shape: [37]), input: x, activation)
    let nan = activation == .softmax ? Array(0..<37) : [5, 36]
    #expect(y.scalars.indices.filter { y.scalars[$0].isNaN } == nan)
    // The identity's derivative is 1 everywhere.
    #expect(
      gradient.scalars.indices.filter { gradient.scalars[$0].isNaN } == (activation == .identity ? [] : nan))
    if activation.isElementwise {
      let reference = Self.reference(activation, [.nan, 1])
      #expect(reference[0].isNaN && !reference[1].isNaN)
    }
  }

  @Test("functions through 0 keep the sign of a zero")
  func negativeZero() throws {
    let zero = try Tensor(shape: [1], scalars: [-0.0])
    for activation in [
      Activation.identity, .relu, .tanh, .relu6, .leakyRelu(), .elu(), .clip(min: -1, max: 1),
    ] {
      let y = try activate(zero, activation).scalars[0]
      #expect(y == 0 && y.sign == .minus, "\(activation)")
    }
  }

  @Test("only hard-swish decreases or needs its input, only softmax is not elementwise")
  func traits() throws {
    for activation in LoopNestActivations.samples {
      #expect(activation.isElementwise == (activation != .softmax))
      #expect(activation.needsInput == (activation == .hardSwish))
      #expect(activation.isNonDecreasing == (activation != .softmax && activation != .hardSwish))
      guard activation.isElementwise else { continue }
      let y = Self.reference(activation, stride(from: -8, through: 8, by: 0.125).map { $0 })
      #expect(zip(y, y.dropFirst()).allSatisfy { $0 <= $1 } == activation.isNonDecreasing, "\(activation)")
    }
  }

  @Test("parameters out of range, and a derivative that needs the input, are errors")
  func errors() throws {
    let one = try Tensor(repeating: 1, shape: [1])
    for (activation, message) in [
      (
        Activation.leakyRelu(slope: -1),
        "the slope of a leaky ReLU is -1.0; it must be finite and not negative"
      ),
      (.elu(alpha: .nan), "the alpha of an ELU is nan; it must be finite and not negative"),
      (.clip(min: 2, max: 1), "a clip has the bounds 2.0 and 1.0; the first must not exceed the second"),
    ] {
      #expect(throws: EngineError.shape(.unsupported(message))) { try activate(one, activation) }
      #expect(throws: EngineError.shape(.unsupported(message))) {
        try activationGradient(of: one, output: one, activation)
      }
      #expect(throws: EngineError.shape(.unsupported(message))) {
        try dense(
          try Tensor(repeating: 1, shape: [1, 1]), kernel: try Tensor(repeating: 1, shape: [1, 1]),
          activation: activation)
      }
      let image = try Tensor(repeating: 1, shape: [1, 1, 1, 1])
      #expect(throws: EngineError.shape(.unsupported(message))) {
        try convolve(image, kernel: image, activation: activation)
      }
    }
    #expect(
      throws: EngineError.shape(
        .unsupported(
          "the derivative of hardSwish does not follow from its output; pass the input, as `input:`"))
    ) { try activationGradient(of: one, output: one, .hardSwish) }
  }

  @Test("softmax of huge and infinite logits")
  func softmaxExtremes() throws {
    let y = try softmax(
      Tensor(
        shape: [4, 3],
        scalars: [300, 100, -300, .infinity, 1, .infinity, -.infinity, 0, -.infinity, 1, .nan, 2]))
    #expect(y.scalars[..<9] == [1, 0, 0, 0.5, 0, 0.5, 0, 1, 0])
    #expect(y.scalars[9...].filter(\.isNaN).count == 3)
  }
}
