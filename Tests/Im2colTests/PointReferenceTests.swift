import Im2col
import Im2colReference
import Testing

@Suite struct PointReferenceTests {
  /// Every position must equal the loop nest, with integers, whose sums are exact in any order.
  @Test(arguments: 0..<40) func agreesWithTheLoopNestEverywhere(seed: Int) throws {
    let drawn = ConvolutionCase(seed: UInt64(seed), multiplications: 30_000)
    let operands = drawn.integers()
    let expected = operands.results(drawn.geometry)
    let points = try PointReference(
      drawn.geometry, input: operands.input.rounded(), kernel: operands.kernel.rounded(),
      bias: operands.bias.rounded(), outputGradient: operands.outputGradient.rounded())

    expect(expected.output, drawn) { points.output(at: $0) }
    expect(expected.inputGradient, drawn) { points.inputGradient(at: $0) }
    expect(expected.biasGradient, drawn) { points.biasGradient(at: $0) }
    let run = drawn.geometry.groupOutputChannels
    expect(expected.kernelGradient, drawn) {
      points.kernelGradient(at: $0 / run * run, count: run)[$0 % run]
    }
  }

  private func expect(
    _ expected: SumsOfProducts, _ drawn: ConvolutionCase, at point: (Int) -> PointReference.Sum
  ) {
    for index in 0..<expected.sums.count {
      let sum = point(index)
      guard
        sum.value == expected.sums.scalars[index], sum.magnitude == expected.magnitudes.scalars[index],
        sum.terms == expected.terms
      else {
        Issue.record("\(drawn): element \(index) is \(sum), not \(expected.sums.scalars[index])")
        return
      }
    }
  }

  /// A tile of one output reads the window of that output, so with equal taps both sums are equal.
  @Test func tileMagnitudes() throws {
    let geometry = try ConvolutionGeometry(
      input: [2, 7, 6, 3], kernel: [3, 3, 3, 5], padding: .same)
    var random = SplitMix64(seed: 1)
    let points = try PointReference(
      geometry, input: random.integers(geometry.inputShape).rounded(),
      kernel: Tensor(repeating: -0.5, shape: geometry.kernelShape), bias: Tensor(repeating: 0, shape: [5]),
      outputGradient: random.integers(geometry.outputShape).rounded())
    for index in 0..<geometry.outputCount {
      #expect(points.outputTileMagnitude(at: index, side: 1) == points.output(at: index).magnitude)
      #expect(points.outputTileMagnitude(at: index, side: 4) >= points.output(at: index).magnitude)
    }
    for index in 0..<geometry.inputCount {
      let single = points.inputGradient(at: index).magnitude
      #expect(points.inputGradientTileMagnitude(at: index, side: 1) == single)
      #expect(points.inputGradientTileMagnitude(at: index, side: 2) >= single)
    }
  }

  @Test func boundsByLowering() {
    let sum = PointReference.Sum(value: 1, magnitude: 2, terms: 8)
    let plain = ErrorBound.ofSum(terms: 8, magnitude: 2)
    #expect(LoweringBound(.im2col).allowed(sum) { _ in 100 } == plain)
    #expect(LoweringBound(.winograd2).allowed(sum) { $0 == 2 ? 6 : 0 } == 12 * plain)
    #expect(LoweringBound(.winograd4).allowed(sum) { $0 == 4 ? 4 : 0 } == 8 * plain)
  }

  @Test func positionsHoldCornersAndBordersOnce() {
    let shape = [3, 11, 13, 7]
    let positions = SeededPositions.indices(of: shape, count: 500, seed: 3)
    #expect(positions == SeededPositions.indices(of: shape, count: 500, seed: 3))
    #expect(Set(positions).count == positions.count)
    #expect((400...500).contains(positions.count))
    #expect(positions.first == 0 && positions.last == 3 * 11 * 13 * 7 - 1)
    #expect(positions.contains { (1..<12).contains($0 / 7 % 13) && (1..<10).contains($0 / 91 % 11) })
    #expect(SeededPositions.indices(of: [2, 3], count: 500, seed: 0) == Array(0..<6))
  }
}
