import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Local response normalization")
struct ResponseNormalizationTests {
  struct Case: Sendable, CustomStringConvertible {
    let shape: [Int]
    var settings = ResponseNormalizationLayer()

    var description: String { "\(shape) \(settings)" }

    var reference: LoopNestNormalization {
      LoopNestNormalization(
        size: settings.size, k: Double(settings.k), alpha: Double(settings.alpha), beta: Double(settings.beta)
      )
    }
  }

  /// Large alphas, so that the sums matter; odd channels, even and odd sizes, very wide windows.
  static let cases: [Case] = [
    Case(shape: [2, 3, 5, 7]),
    Case(shape: [1, 2, 3, 96], settings: .init(alpha: 0.5)),
    Case(shape: [2, 3, 1, 37], settings: .init(alpha: 0.7)),
    Case(shape: [1, 4, 3, 19], settings: .init(size: 4, k: 1, alpha: 0.3)),
    Case(shape: [1, 4, 3, 21], settings: .init(size: 3, k: 0.5, alpha: 0.3, beta: 0.6)),
    Case(shape: [3, 2, 2, 16], settings: .init(size: 2, alpha: 1, beta: 1)),
    Case(shape: [3, 2, 2, 5], settings: .init(size: 1, alpha: 1, beta: 2)),
    Case(shape: [2, 1, 5, 3], settings: .init(size: 5, alpha: 1)),
    Case(shape: [2, 1, 5, 2], settings: .init(size: 12, alpha: 0.25, beta: 0.75)),
    Case(shape: [2, 1, 5, 1], settings: .init(size: 1_000_000_000, alpha: 1)),
    Case(shape: [4, 17], settings: .init(size: 7, alpha: 0, beta: 0.75)),
    Case(shape: [40, 30, 33], settings: .init(alpha: 0.5)),
    Case(shape: [0, 4, 4, 6]),
  ]

  /// Sums of up to a few dozen positive terms, two roots and two products, each with a rounding of 2^-24.
  @Test("agrees with the loop nest in Double", arguments: cases)
  func forward(_ test: Case) throws {
    let input = try RandomImages.tensor(test.shape, seed: 61)
    let output = try responseNormalization(input, test.settings)
    let expected = test.reference.forward(DoubleTensor(input))
    #expect(firstMismatch(output, expected, tolerance: .absolute(2e-6)) == nil, "\(test)")
  }

  @Test("the gradient agrees with the loop nest in Double", arguments: cases)
  func gradient(_ test: Case) throws {
    let input = try RandomImages.tensor(test.shape, seed: 62)
    let g = try RandomImages.tensor(test.shape, seed: 63)
    let expected = test.reference.gradient(of: DoubleTensor(g), input: DoubleTensor(input))
    for workers in 1...3 {
      let actual = try responseNormalizationGradient(
        of: g, input: input, test.settings, options: ComputeOptions(workers: Workers(workers)))
      #expect(firstMismatch(actual, expected, tolerance: .absolute(1e-5)) == nil, "\(test)")
    }
  }

  @Test(
    "the gradient of the reference agrees with finite differences",
    arguments: cases.filter { $0.shape.count == 4 }
  )
  func differences(_ test: Case) throws {
    let input = DoubleTensor(try RandomImages.tensor(test.shape, seed: 64))
    let g = DoubleTensor(try RandomImages.tensor(test.shape, seed: 65))
    let differences = FiniteDifferences.gradient(at: input, step: 1e-5) { moved in
      zip(test.reference.forward(moved).scalars, g.scalars).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradient = test.reference.gradient(of: g, input: input)
    #expect(firstMismatch(gradient, differences, tolerance: .absolute(1e-7)) == nil, "\(test)")
  }

  @Test("a value computed by hand: alpha is not divided by the size")
  func byHand() throws {
    // (2 + 0.5 * (1 + 4 + 9)) ^ 0.75 = 9 ^ 0.75 = 5.196...
    let output = try responseNormalization(
      Tensor(shape: [1, 1, 1, 3], scalars: [1, 2, 3]), ResponseNormalizationLayer(alpha: 0.5))
    for (actual, expected) in zip(output.scalars, [1.0, 2, 3]) {
      #expect(abs(Double(actual) - expected / 5.196_152_422_706_632) < 1e-6)
    }
  }

  @Test("NaN affects only the channels whose window contains it")
  func notANumber() throws {
    var input = try RandomImages.tensor([1, 1, 2, 11], seed: 66)
    input.scalars[4] = .nan
    let output = try responseNormalization(input)
    #expect(output.scalars.indices.filter { output.scalars[$0].isNaN } == [2, 3, 4, 5, 6])
  }

  @Test("invalid settings are errors")
  func invalidSettings() throws {
    let input = try RandomImages.tensor([1, 2, 2, 3], seed: 67)
    let bad: [ResponseNormalizationLayer] = [
      .init(size: 0), .init(size: -3), .init(k: 0), .init(k: -1), .init(k: .nan), .init(alpha: -0.1),
      .init(alpha: .infinity), .init(beta: .nan),
    ]
    for settings in bad {
      #expect(throws: EngineError.self, "\(settings)") { try responseNormalization(input, settings) }
      #expect(throws: EngineError.self, "\(settings)") {
        try Sequential(inputShape: [2, 2, 3], layers: [.layer(settings)])
      }
    }
    #expect(throws: EngineError.self) { try responseNormalization(Tensor(shape: [], scalars: [1])) }
    #expect(throws: EngineError.self) {
      try responseNormalizationGradient(of: RandomImages.tensor([1, 2, 2, 4], seed: 1), input: input)
    }
  }
}
