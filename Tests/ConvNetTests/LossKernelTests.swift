import CKernels
import Im2colReference
import Testing

/// The losses of the C kernels against their definitions in Double, and those by finite differences.
@Suite("Loss kernels")
struct LossKernelTests {
  static let (rows, columns, scale) = (11, 5, Float(0.125))

  /// Logits in -6...6.
  private static let logits: DoubleTensor = {
    var random = SplitMix64(seed: 41)
    return random.reals([rows, columns]).map { 6 * $0 }
  }()

  /// Distributions over the columns; every other row has one class.
  private static let distributions: DoubleTensor = {
    var random = SplitMix64(seed: 42)
    var result = DoubleTensor(zeros: [rows, columns])
    for row in 0..<rows {
      let first = random.roll(0...columns - 1)
      let second = row % 2 == 0 ? first : random.roll(0...columns - 1)
      result.scalars[row * columns + first] += 0.75
      result.scalars[row * columns + second] += 0.25
    }
    return result
  }()

  /// Numbers in 0...1, zeros and ones among them.
  private static let fractions: DoubleTensor = {
    var random = SplitMix64(seed: 43)
    return DoubleTensor(
      shape: [rows, columns], scalars: (0..<rows * columns).map { _ in Double(random.roll(0...4)) / 4 })
  }()

  private static func floats(_ tensor: DoubleTensor) -> [Float] { tensor.scalars.map(Float.init) }

  /// Compares a loss and its gradient, and the gradient of the definition with finite differences of its loss.
  private func check(
    _ loss: Double, _ gradient: [Float], at point: DoubleTensor,
    _ definition: (DoubleTensor) -> (loss: Double, gradient: DoubleTensor)
  ) {
    let expected = definition(point)
    #expect(abs(loss - expected.loss) < 4e-7 * (1 + expected.loss))
    for (index, (actual, expected)) in zip(gradient, expected.gradient.scalars).enumerated() {
      #expect(abs(Double(actual) - expected * Double(Self.scale)) < 1e-7, "element \(index)")
    }
    let differences = FiniteDifferences.gradient(at: point) { definition($0).loss }
    #expect(firstMismatch(expected.gradient, differences, tolerance: .absolute(1e-7)) == nil)
  }

  @Test(
    "softmax cross-entropy with smoothing and weights",
    arguments: [(Float(0), false), (0.125, false), (0, true), (0.25, true)])
  func softmax(smoothing: Float, weighs: Bool) {
    let weights: [Float] = weighs ? [1, 0.5, 0, 2, 0.25] : [1, 1, 1, 1, 1]
    let (x, t) = (Self.floats(Self.logits), Self.floats(Self.distributions))
    var (gradient, probabilities) = (
      [Float](repeating: .nan, count: x.count), [Float](repeating: .nan, count: x.count)
    )
    var correct: Int64 = -1
    let loss = ckernels_weighted_cross_entropy(
      Int64(Self.rows), Int64(Self.columns), x, t, smoothing, weighs ? weights : nil, Self.scale,
      &probabilities,
      &gradient, &correct)
    check(loss, gradient, at: Self.logits) {
      LoopNestLoss.softmaxCrossEntropy(smoothing: Double(smoothing), weights: weights.map(Double.init))
        .sum(outputs: $0, targets: Self.distributions)
    }
    let softmax = LoopNestActivations.forward(.softmax, Self.logits).scalars
    #expect(zip(probabilities, softmax).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(correct == ckernels_correct(Int64(Self.rows), Int64(Self.columns), x, t))
  }

  @Test("without smoothing, and with weights of 1, the bits are those of the plain loss")
  func sameBits() {
    let (x, t) = (Self.floats(Self.logits), Self.floats(Self.distributions))
    let (rows, columns) = (Int64(Self.rows), Int64(Self.columns))
    var gradients = [[Float]](repeating: [Float](repeating: .nan, count: x.count), count: 3)
    var correct: Int64 = 0
    let losses = [
      ckernels_softmax_cross_entropy(rows, columns, x, t, 0.3, nil, &gradients[0], &correct),
      ckernels_weighted_cross_entropy(rows, columns, x, t, 0, nil, 0.3, nil, &gradients[1], &correct),
      ckernels_weighted_cross_entropy(
        rows, columns, x, t, 0, [Float](repeating: 1, count: Self.columns), 0.3, nil, &gradients[2], &correct),
    ]
    #expect(losses[0] == losses[1] && losses[0] == losses[2])
    #expect(gradients[0] == gradients[1] && gradients[0] == gradients[2])
  }

  @Test("sigmoid cross-entropy")
  func sigmoid() {
    let (x, t) = (Self.floats(Self.logits), Self.floats(Self.fractions))
    var (gradient, probabilities) = (
      [Float](repeating: .nan, count: x.count), [Float](repeating: .nan, count: x.count)
    )
    let loss = ckernels_sigmoid_cross_entropy(
      Int64(Self.rows), Int64(Self.columns), x, t, Self.scale, &probabilities, &gradient)
    check(loss, gradient, at: Self.logits) {
      LoopNestLoss.sigmoidBinaryCrossEntropy.sum(outputs: $0, targets: Self.fractions)
    }
    let expected = LoopNestActivations.forward(.sigmoid, Self.logits).scalars
    #expect(zip(probabilities, expected).allSatisfy { abs(Double($0) - $1) < 1e-7 })
    #expect(ckernels_sigmoid_cross_entropy(Int64(Self.rows), Int64(Self.columns), x, t, 1, nil, nil) == loss)
  }

  @Test("sigmoid cross-entropy of huge, infinite and NaN logits")
  func extremes() {
    func loss(_ x: Float, _ target: Float) -> (loss: Double, gradient: Float) {
      var gradient: Float = .nan
      let loss = ckernels_sigmoid_cross_entropy(1, 1, [x], [target], 1, nil, &gradient)
      return (loss, gradient)
    }
    #expect(loss(1_000, 1) == (0, 0))
    #expect(loss(1_000, 0) == (1_000, 1))
    #expect(loss(-1_000, 1) == (1_000, -1))
    #expect(loss(-1_000, 0.25) == (250, -0.25))
    #expect(loss(.infinity, 1) == (0, 0))
    #expect(loss(-.infinity, 0) == (0, 0))
    #expect(loss(-.infinity, 1) == (.infinity, -1))
    for target in [Float(0), 0.5, 1] {
      #expect(loss(.nan, target).loss.isNaN && loss(.nan, target).gradient.isNaN)
    }
  }

  @Test("mean squared error")
  func squares() {
    let (y, t) = (Self.floats(Self.logits), Self.floats(Self.fractions))
    var gradient = [Float](repeating: .nan, count: y.count)
    let loss = ckernels_mean_squared_error(Int64(Self.rows), Int64(Self.columns), y, t, Self.scale, &gradient)
    check(loss, gradient, at: Self.logits) {
      LoopNestLoss.meanSquaredError.sum(outputs: $0, targets: Self.fractions)
    }
    // By hand: ((3 - 1)^2 + 1^2) / 2 + (0 + 4^2) / 2.
    #expect(ckernels_mean_squared_error(2, 2, [3, 1, 5, -4], [1, 0, 5, 0], 1, nil) == 10.5)
    #expect(ckernels_mean_squared_error(1, 2, [.nan, 1], [1, 1], 1, nil).isNaN)
  }
}
