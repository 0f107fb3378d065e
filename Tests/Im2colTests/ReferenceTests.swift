import Im2col
import Im2colReference
import Testing

/// The reference implementations are checked against results computed by hand and against finite differences.
@Suite struct ReferenceTests {
  @Test("A small convolution computed by hand")
  func byHand() throws {
    // 1 2 3        1 0         padding on the left only, stride 1x2
    // 4 5 6   by   2 3
    let input = DoubleTensor(shape: [1, 2, 3, 1], scalars: [1, 2, 3, 4, 5, 6])
    let kernel = DoubleTensor(shape: [2, 2, 1, 1], scalars: [1, 0, 2, 3])
    let geometry = try ConvolutionGeometry(
      input: input.shape, kernel: kernel.shape, stride: Size2D(height: 1, width: 2),
      padding: .explicit(top: 0, bottom: 0, left: 1, right: 0))
    let bias = DoubleTensor(shape: [1], scalars: [100])
    let forward = LoopNestConvolution.forward(input: input, kernel: kernel, bias: bias, geometry)
    #expect(forward.sums == DoubleTensor(shape: [1, 1, 2, 1], scalars: [112, 130]))
    #expect(forward.terms == 5)

    let gradient = DoubleTensor(shape: [1, 1, 2, 1], scalars: [10, -1])
    let inputGradient = LoopNestConvolution.inputGradient(of: gradient, kernel: kernel, geometry)
    #expect(inputGradient.sums.scalars == [0, -1, 0, 30, -2, -3])
    #expect(inputGradient.magnitudes.scalars == [0, 1, 0, 30, 2, 3])
    let kernelGradient = LoopNestConvolution.kernelGradient(of: gradient, input: input, geometry)
    #expect(kernelGradient.sums.scalars == [-2, 7, -5, 34])
    #expect(LoopNestConvolution.biasGradient(of: gradient).sums.scalars == [9])
  }

  @Test("Groups read only their own channels")
  func groups() throws {
    let input = DoubleTensor(shape: [1, 1, 1, 4], scalars: [1, 2, 3, 4])
    let kernel = DoubleTensor(shape: [1, 1, 2, 2], scalars: [10, 100, 20, 200])
    let geometry = try ConvolutionGeometry(input: input.shape, kernel: kernel.shape, groups: 2)
    // Output 0 sees channels 0 and 1 through kernel column 0; output 1 sees 2 and 3 through column 1.
    #expect(
      LoopNestConvolution.forward(input: input, kernel: kernel, geometry).sums.scalars == [50, 1100])
  }

  @Test("Gradients of a convolution are its finite differences", arguments: 0..<20)
  func convolutionGradients(seed: Int) throws {
    let test = ConvolutionCase(seed: UInt64(seed), multiplications: 3_000)
    let operands = test.integers()
    // The objective <output, outputGradient> is linear in each argument, so a step of 1 is exact.
    func objective(_ input: DoubleTensor, _ kernel: DoubleTensor) -> Double {
      let output = LoopNestConvolution.forward(input: input, kernel: kernel, test.geometry).sums
      return zip(output.scalars, operands.outputGradient.scalars).map(*).reduce(0, +)
    }
    let results = operands.results(test.geometry)
    let kernelGradient = FiniteDifferences.gradient(at: operands.kernel, step: 1) {
      objective(operands.input, $0)
    }
    #expect(firstMismatch(results.kernelGradient.sums, kernelGradient) == nil, "\(test)")
    if operands.input.count <= 500 {
      let inputGradient = FiniteDifferences.gradient(at: operands.input, step: 1) {
        objective($0, operands.kernel)
      }
      #expect(firstMismatch(results.inputGradient.sums, inputGradient) == nil, "\(test)")
    }
  }

  @Test("Pooling by hand: ties, NaN, and averages over covered pixels")
  func pooling() throws {
    let input = DoubleTensor(shape: [1, 2, 3, 1], scalars: [5, 5, -1, 2, 5, -7])
    let window = try WindowGeometry(
      input: Size2D(height: 2, width: 3), kernel: 2, stride: 2, padding: .same)
    #expect(LoopNestPooling.forward(input, window, .max).scalars == [5, -1])
    #expect(LoopNestPooling.forward(input, window, .average).scalars == [4.25, -4])
    let gradient = DoubleTensor(shape: [1, 1, 2, 1], scalars: [4, 6])
    func back(_ mode: LoopNestPooling.Mode, _ ties: LoopNestPooling.Ties = .first) -> [Double] {
      LoopNestPooling.gradient(of: gradient, input: input, window, mode, ties: ties).scalars
    }
    #expect(back(.max) == [4, 0, 6, 0, 0, 0])
    #expect(back(.max, .all) == [4, 4, 6, 0, 4, 0])
    #expect(back(.average) == [1, 1, 3, 1, 1, 3])
    var withNaN = input
    withNaN.scalars[4] = .nan
    #expect(LoopNestPooling.forward(withNaN, window, .max).scalars[0].isNaN)
    #expect(LoopNestPooling.forward(withNaN, window, .max).scalars[1] == -1)
  }

  @Test("Softmax cross-entropy by hand and by finite differences, without overflow")
  func loss() {
    let logits = DoubleTensor(shape: [2, 3], scalars: [0, 0, 0, 1000, 0, 999])
    let targets = DoubleTensor(oneHot: [1, 2], classes: 3)
    let probabilities = LoopNestActivations.forward(.softmax, logits)
    let (loss, gradient) = LoopNestLoss.softmaxCrossEntropy.mean(outputs: logits, targets: targets)
    let e = 0.36787944117144233
    let first = [1.0 / 3, 1.0 / 3, 1.0 / 3]
    let second = [1 / (1 + e), 0, e / (1 + e)]
    #expect(
      firstMismatch(
        probabilities, DoubleTensor(shape: [2, 3], scalars: first + second), tolerance: .absolute(1e-15))
        == nil)
    #expect(abs(loss - (1.0986122886681098 + 1.3132616875182228) / 2) < 1e-12)
    let differences = FiniteDifferences.gradient(at: logits, step: 1e-5) {
      LoopNestLoss.softmaxCrossEntropy.mean(outputs: $0, targets: targets).loss
    }
    #expect(firstMismatch(gradient, differences, tolerance: .absolute(1e-7)) == nil)
  }

  /// Targets of several classes, as of label smoothing; probabilities have no overflow to avoid.
  @Test(
    "Gradients of the losses are their finite differences",
    arguments: [
      "cross-entropy", "softmax cross-entropy", "binary cross-entropy", "sigmoid binary cross-entropy",
      "mean squared error",
    ])
  func losses(_ name: String) throws {
    let losses: [String: LoopNestLoss] = [
      "cross-entropy": .crossEntropy, "softmax cross-entropy": .softmaxCrossEntropy,
      "binary cross-entropy": .binaryCrossEntropy,
      "sigmoid binary cross-entropy": .sigmoidBinaryCrossEntropy, "mean squared error": .meanSquaredError,
    ]
    let loss = try #require(losses[name])
    let outputs = DoubleTensor(shape: [2, 3], scalars: [0.1, 0.7, 0.2, 0.25, 0.25, 0.5])
    let targets = DoubleTensor(shape: [2, 3], scalars: [0, 0.75, 0.25, 1, 0, 0])
    let differences = FiniteDifferences.gradient(at: outputs, step: 1e-6) {
      loss.mean(outputs: $0, targets: targets).loss
    }
    let gradient = loss.mean(outputs: outputs, targets: targets).gradient
    #expect(firstMismatch(gradient, differences, tolerance: .absolute(1e-8)) == nil)
    #expect(gradient.scalars.contains { abs($0) > 0.1 })
  }

  @Test("Losses of logits are those of their probabilities")
  func lossesOfLogits() {
    let logits = DoubleTensor(shape: [2, 3], scalars: [0.5, -2, 1, 3, 0, -1])
    let targets = DoubleTensor(shape: [2, 3], scalars: [0, 1, 0, 0.5, 0.25, 0.25])
    func difference(_ ofLogits: LoopNestLoss, _ ofProbabilities: LoopNestLoss, _ activation: Activation)
      -> Double
    {
      let probabilities = LoopNestActivations.forward(activation, logits)
      return ofLogits.mean(outputs: logits, targets: targets).loss
        - ofProbabilities.mean(outputs: probabilities, targets: targets).loss
    }
    #expect(abs(difference(.softmaxCrossEntropy, .crossEntropy, .softmax)) < 1e-14)
    #expect(abs(difference(.sigmoidBinaryCrossEntropy, .binaryCrossEntropy, .sigmoid)) < 1e-14)
    // By hand: two outputs with squared differences 1 and 9.
    let outputs = DoubleTensor(shape: [1, 2], scalars: [1, 2])
    let hand = LoopNestLoss.meanSquaredError.mean(
      outputs: outputs, targets: DoubleTensor(shape: [1, 2], scalars: [2, -1]))
    #expect(hand.loss == 5 && hand.gradient.scalars == [-1, 3])
  }

  @Test("Gradients of the activations are their finite differences", arguments: LoopNestActivations.samples)
  func activations(_ activation: Activation) {
    var random = SplitMix64(seed: 7)
    let input = random.reals([3, 5]).map { $0 * 3 }
    let weights = random.reals([3, 5])
    let differences = FiniteDifferences.gradient(at: input) {
      zip(LoopNestActivations.forward(activation, $0).scalars, weights.scalars).map(*).reduce(0, +)
    }
    let gradient = LoopNestActivations.gradient(activation, of: weights, input: input)
    #expect(firstMismatch(gradient, differences, tolerance: .absolute(1e-8)) == nil)
  }

  @Test("ReLU keeps NaN")
  func reluKeepsNaN() {
    let output = LoopNestActivations.forward(.relu, DoubleTensor(shape: [3], scalars: [.nan, -1, 2]))
    #expect(output.scalars[0].isNaN && output.scalars[1...] == [0, 2])
  }

  @Test("The first step of Adam moves every weight by the learning rate, against its gradient")
  func adam() {
    var adam = ReferenceAdam()
    var weights = [DoubleTensor(shape: [3], scalars: [1, 1, 1])]
    adam.update(&weights, gradients: [DoubleTensor(shape: [3], scalars: [5, -0.3, 0])])
    #expect(
      firstMismatch(
        weights[0], DoubleTensor(shape: [3], scalars: [0.999, 1.001, 1]), tolerance: .absolute(1e-7)) == nil)
  }
}
