import Im2col
import Im2colReference
import Testing

/// Max pooling, bias and activation of every row against loops over the sums.
///
/// A 1x1 kernel of ones over one channel each gives sums that equal the input, so ties, NaN and infinities are
/// placed exactly.
@Suite struct EpilogueTests {
  struct Pooling: CustomTestStringConvertible {
    let testDescription: String
    var window: Size2D = 1
    var stride: Size2D = 1
    var padding: Padding? = .valid
  }

  static let poolings = [
    Pooling(testDescription: "none", padding: nil),
    Pooling(testDescription: "2x2 at stride 2", window: 2, stride: 2),
    Pooling(testDescription: "2x2 at stride 2, padded", window: 2, stride: 2, padding: .same),
    Pooling(testDescription: "overlapping 3x3", window: 3, stride: 2),
    Pooling(testDescription: "overlapping 3x3, padded", window: 3, stride: 2, padding: .same),
    Pooling(
      testDescription: "padded on each side", window: Size2D(height: 3, width: 4), stride: 2,
      padding: .explicit(top: 2, bottom: 0, left: 1, right: 3)),
    Pooling(
      testDescription: "gaps, overlapping rows", window: Size2D(height: 3, width: 2),
      stride: Size2D(height: 1, width: 3)),
    Pooling(testDescription: "256 places", window: 16, stride: 5),
  ]

  @Test("Maxima, places, bias and activation equal loops over the sums", arguments: poolings)
  func equalsLoops(pooling: Pooling) throws {
    for seed in 0..<24 as Range<UInt64> {
      var random = SplitMix64(seed: seed &+ 0xe91)
      let (batch, channels) = (random.pick([0, 1, 1, 3]), random.pick([1, 3, 16, 19]))
      let size = Size2D(height: random.pick([16, 23, 70]), width: random.roll(16...21))
      let geometry = try ConvolutionGeometry(
        input: [batch, size.height, size.width, channels], kernel: [1, 1, 1, channels], groups: channels)
      let window = try pooling.padding.map {
        try WindowGeometry(input: size, kernel: pooling.window, stride: pooling.stride, padding: $0)
      }
      let test = TableCase(
        ConvolutionCase(
          seed: seed, geometry: geometry, padding: .same, scratchBytes: random.pick([4_096, 1 << 19]),
          workers: 1),
        ConvolutionProblem(geometry, .forward, pooling: window), pooling.testDescription)
      // Few different values, so that most windows have ties.
      var input = DoubleTensor(zeros: geometry.inputShape)
      for index in input.scalars.indices {
        input.scalars[index] =
          random.oneIn(90) ? random.pick([.nan, .infinity, -.infinity]) : Double(random.roll(-2...2))
      }
      let bias = random.integers([channels])
      let operands = TableCase.Operands(
        convolution: ConvolutionOperands(
          input: input, kernel: DoubleTensor(zeros: geometry.kernelShape).map { _ in 1 }, bias: bias,
          outputGradient: DoubleTensor(zeros: [0])))
      let finish = TableCase.Finish(
        activation: random.pick([.identity, .relu, .tanh, .sigmoid]), hasBias: random.roll(0...1) == 1,
        keepsPlaces: random.roll(0...2) > 0)

      var maxima = window.map { LoopNestPooling.forward(input, $0, .max) } ?? input
      if finish.hasBias {
        for index in maxima.scalars.indices { maxima.scalars[index] += bias.scalars[index % channels] }
      }
      let expected = LoopNestActivations.forward(finish.activation, maxima)
      let isExact = [.identity, .relu].contains(finish.activation)
      for row in LoweringTable.rows where row.exactIntegers && row.supports(test.problem) {
        let actual = try test.run(row.make(test.problem), operands, finish: finish)
        let mismatch = firstMismatch(
          DoubleTensor(shape: expected.shape, scalars: actual.result.map(Double.init)), expected,
          tolerance: isExact ? .exact : .absolute(4e-7))
        #expect(mismatch == nil, "\(row.lowering), \(finish), \(test)")
        if let window, finish.keepsPlaces {
          let places = LoopNestPooling.places(input, window)
          #expect(actual.places == places, "places, \(row.lowering), \(test)")
        } else {
          #expect(actual.places.allSatisfy { $0 == 255 }, "places are written, \(row.lowering), \(test)")
        }
      }
    }
  }
}
