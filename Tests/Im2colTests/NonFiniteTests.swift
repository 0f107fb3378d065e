import Im2col
import Im2colReference
import Testing

/// A NaN or an infinity reaches exactly the results that use it.
@Suite struct NonFiniteTests {
  static let values: [Float] = [.nan, .infinity, -.infinity]

  /// Cases without padding, because the zeros of the padding times infinity are NaN.
  static let unpadded = RandomCases.all.filter {
    let (height, width) = ($0.geometry.window.height, $0.geometry.window.width)
    return [height.before, height.after, width.before, width.after] == [0, 0, 0, 0] && $0.geometry.batch > 0
  }

  @Test("In the input, under any padding", arguments: values)
  func inTheInput(value: Float) throws {
    for test in RandomCases.all.filter({ $0.geometry.batch > 0 }).prefix(15) {
      var operands = test.integers()
      operands.input.replaceOne(with: value, seed: test.seed)
      try expectExactSet(test, operands) { ($0.output, $1.output) }
      try expectExactSet(test, operands) { ($0.kernelGradient, $1.kernelGradient) }
    }
  }

  @Test("In the output gradient, without padding", arguments: values)
  func inTheOutputGradient(value: Float) throws {
    for test in Self.unpadded.prefix(10) {
      var operands = test.integers()
      operands.outputGradient.replaceOne(with: value, seed: test.seed)
      try expectExactSet(test, operands) { ($0.inputGradient, $1.inputGradient) }
      try expectExactSet(test, operands) { ($0.kernelGradient, $1.kernelGradient) }
      try expectExactSet(test, operands) { ($0.biasGradient, $1.biasGradient) }
    }
  }

  @Test("In the kernel, without padding", arguments: values)
  func inTheKernel(value: Float) throws {
    for test in Self.unpadded.prefix(10) {
      var operands = test.integers()
      operands.kernel.replaceOne(with: value, seed: test.seed)
      try expectExactSet(test, operands) { ($0.output, $1.output) }
      try expectExactSet(test, operands) { ($0.inputGradient, $1.inputGradient) }
    }
  }

  @Test("In the bias, it reaches only its channel")
  func inTheBias() throws {
    for test in RandomCases.all.filter({ $0.geometry.batch > 0 }).prefix(20) {
      var operands = test.integers()
      operands.bias.replaceOne(with: .nan, seed: test.seed)
      try expectExactSet(test, operands) { ($0.output, $1.output) }
    }
  }

  @Test("ReLU keeps NaN")
  func reluKeepsNaN() throws {
    let input = try Tensor(shape: [1, 1, 3, 1], scalars: [.nan, -2, 3])
    let kernel = try Tensor(shape: [1, 1, 1, 1], scalars: [1])
    let output = try convolve(input, kernel: kernel, activation: .relu)
    #expect(output.scalars[0].isNaN && output.scalars[1...] == [0, 3])
  }

  private func expectExactSet(
    _ test: ConvolutionCase, _ operands: ConvolutionOperands,
    _ pick: (EngineResults, ConvolutionResults) -> (Tensor, SumsOfProducts)
  ) throws {
    let (actual, expected) = pick(
      try test.results(operands, test.options(lowering: .im2col)), operands.results(test.geometry))
    // NaN and infinities where the loop nest has them, and equal integers elsewhere.
    #expect(firstMismatch(actual, expected.sums) == nil, "\(test)")
  }
}

extension DoubleTensor {
  /// Replaces one scalar, chosen by a seed.
  mutating func replaceOne(with value: Float, seed: UInt64) {
    var random = SplitMix64(seed: seed &+ 0xbad)
    scalars[random.roll(0...count - 1)] = Double(value)
  }
}
