import Im2col
import Im2colReference
import Testing

@Suite struct WinogradTests {
  /// A random layer that Winograd's transforms support, with paddings and sizes that give incomplete tiles.
  struct Layer: CustomTestStringConvertible, Sendable {
    let seed: UInt64
    let geometry: ConvolutionGeometry
    let padding: Padding
    let groups: Int
    let options: ComputeOptions

    var testDescription: String {
      "seed \(seed): \(geometry.inputShape) by \(geometry.kernelShape), \(groups) groups, \(padding)"
    }

    init?(seed: UInt64, lowering: Lowering, sides: [Int]) {
      var random = SplitMix64(seed: seed &+ 0x33)
      padding = random.pick([
        .valid, .same,
        .explicit(
          top: random.roll(0...4), bottom: random.roll(0...4), left: random.roll(0...4),
          right: random.roll(0...4)),
      ])
      let side = random.pick(sides)
      groups = random.pick([1, 1, 1, 2, 3])
      let inputs = random.roll(1...40 / groups)
      let input = [random.roll(1...3), random.roll(side...23), random.roll(side...23), groups * inputs]
      let kernel = [side, side, inputs, groups * random.roll(1...40 / groups)]
      options = RandomCases.options(
        workers: random.roll(1...3), scratchBytes: 4 * random.roll(1024...262_144 >> random.roll(0...8)),
        lowering: lowering)
      guard
        let geometry = try? ConvolutionGeometry(
          input: input, kernel: kernel, groups: groups, padding: padding),
        geometry.pixels * geometry.patchLength * kernel[3] <= 2_000_000
      else { return nil }
      (self.seed, self.geometry) = (seed, geometry)
    }

    /// - Parameter sides: the sides of the kernels.
    static func drawn(_ lowering: Lowering, sides: [Int] = [3], count: Int = 40) -> [Layer] {
      Array((0..<10_000).lazy.compactMap { Layer(seed: $0, lowering: lowering, sides: sides) }.prefix(count))
    }

    func results(_ operands: ConvolutionOperands) throws -> (output: Tensor, input: Tensor, kernel: Tensor) {
      let (input, kernel) = (try operands.input.rounded(), try operands.kernel.rounded())
      let output = try convolve(
        input, kernel: kernel, bias: try operands.bias.rounded(), padding: padding, groups: groups,
        options: options)
      let gradients = try convolutionGradients(
        of: try operands.outputGradient.rounded(), input: input, kernel: kernel, padding: padding,
        groups: groups, options: options)
      return (output, gradients.input, gradients.kernel)
    }
  }

  /// F(2x2, 3x3) divides only by 2 and 4, so integers with enough room below 2^24 stay exact.
  @Test("F(2x2) equals the loop nest on integers", arguments: Layer.drawn(.winograd2))
  func exact(layer: Layer) throws {
    var random = SplitMix64(seed: layer.seed)
    let operands = ConvolutionOperands(
      input: random.integers(layer.geometry.inputShape).map { $0.remainder(dividingBy: 9) },
      kernel: random.integers(layer.geometry.kernelShape).map { $0.remainder(dividingBy: 9) },
      bias: random.integers([layer.geometry.outputChannels]),
      outputGradient: random.integers(layer.geometry.outputShape).map { $0.remainder(dividingBy: 9) })
    let expected = operands.results(layer.geometry)
    let actual = try layer.results(operands)
    #expect(firstMismatch(actual.output, expected.output.sums) == nil)
    #expect(firstMismatch(actual.input, expected.inputGradient.sums) == nil)
    // F(3x3, 2x2) divides by the same numbers.
    #expect(firstMismatch(actual.kernel, expected.kernelGradient.sums) == nil)
  }

  /// The small budget has several chunks and slices of the inputs; the large one has several units of
  /// tiles.
  @Test("Both splits of the forward pass give the same integers", arguments: [16_384, 1 << 20], 1...3)
  func splits(scratchBytes: Int, workers count: Int) throws {
    let geometry = try ConvolutionGeometry(
      input: [2, 25, 23, 13], kernel: [3, 3, 13, 130], padding: .same)
    var random = SplitMix64(seed: 0x51ab)
    let operands = ConvolutionOperands(
      input: random.integers(geometry.inputShape).map { $0.remainder(dividingBy: 9) },
      kernel: random.integers(geometry.kernelShape).map { $0.remainder(dividingBy: 9) },
      bias: random.integers([130]), outputGradient: random.integers(geometry.outputShape))
    let cut = try #require(
      WinogradCut(ConvolutionProblem(geometry, .forward, scratchBytes: scratchBytes), .two))
    #expect(cut.isByTiles == (scratchBytes > 16_384))
    #expect(cut.tiles.count > 7 && (cut.isByTiles || cut.kernelRows.count > 1))
    let output = try convolve(
      try operands.input.rounded(), kernel: try operands.kernel.rounded(), bias: try operands.bias.rounded(),
      padding: .same,
      options: RandomCases.options(workers: count, scratchBytes: scratchBytes, lowering: .winograd2))
    #expect(firstMismatch(output, operands.results(geometry).output.sums) == nil)
  }

  @Test("A scratch that holds no tile is refused, and the layer is computed by columns")
  func tooSmall() throws {
    let geometry = try ConvolutionGeometry(input: [1, 9, 9, 3], kernel: [3, 3, 3, 5], padding: .same)
    let problem = ConvolutionProblem(geometry, .forward, scratchBytes: 4_096)
    #expect(WinogradCut(problem, .four) == nil)
    #expect(WinogradCut(problem, .two) != nil)
    #expect(LoweringTable.row(for: problem, .winograd4).lowering == .im2col)
  }

  @Test("With dilation, every output has its activation once", arguments: [Lowering.winograd2, .winograd4])
  func activationWithDilation(lowering: Lowering) throws {
    var random = SplitMix64(seed: 0x7a)
    let input = try random.reals([2, 11, 13, 5]).rounded(),
      kernel = try random.reals([3, 3, 5, 18]).rounded()
    let options = RandomCases.options(workers: 2, lowering: lowering)
    let sums = try convolve(input, kernel: kernel, dilation: 2, options: options)
    let output = try convolve(input, kernel: kernel, activation: .tanh, dilation: 2, options: options)
    let expected = LoopNestActivations.forward(.tanh, DoubleTensor(sums))
    #expect(firstMismatch(output, expected, tolerance: .absolute(1e-6)) == nil)
  }
}
