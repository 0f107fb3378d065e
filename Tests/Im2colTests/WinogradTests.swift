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

  @Test("The requested lowerings are used")
  func names() throws {
    let geometry = try ConvolutionGeometry(input: [1, 9, 9, 32], kernel: [3, 3, 32, 32])
    for (lowering, name) in [
      (Lowering.winograd2, LoweringName.winograd2), (.winograd4, .winograd4), (.im2col, .im2col),
    ] {
      #expect(ConvolutionPlan.forward(geometry, PassSettings(lowering: lowering)).loweringName == name)
    }
    let wide = try ConvolutionGeometry(input: [1, 9, 9, 32], kernel: [5, 5, 32, 32])
    #expect(ConvolutionPlan.forward(wide, PassSettings(lowering: .winograd2)).loweringName == .winograd2)
    #expect(ConvolutionPlan.forward(wide, PassSettings(lowering: .winograd4)).loweringName == .direct)
    let strided = try ConvolutionGeometry(input: [1, 9, 9, 32], kernel: [3, 3, 32, 32], stride: 2)
    #expect(ConvolutionPlan.forward(strided, PassSettings(lowering: .winograd4)).loweringName == .direct)
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

  /// Three runs of tiles by three slabs of outputs, so that every block of shared memory is reused.
  @Test(
    "A kernel that is kept and one that is recomputed give the same integers", arguments: [0, 1 << 22], 1...3)
  func rings(keptKernelFloats: Int, workers count: Int) throws {
    let geometry = try ConvolutionGeometry(
      input: [2, 25, 23, 3], kernel: [3, 3, 3, 130], padding: .same)
    var random = SplitMix64(seed: 0x51ab)
    let operands = ConvolutionOperands(
      input: random.integers(geometry.inputShape).map { $0.remainder(dividingBy: 9) },
      kernel: random.integers(geometry.kernelShape).map { $0.remainder(dividingBy: 9) },
      bias: random.integers([130]), outputGradient: random.integers(geometry.outputShape))
    let pass = WinogradForward(geometry, tile: .two, keptKernelFloats: keptKernelFloats)
    #expect(pass.stages.count > (keptKernelFloats == 0 ? 10 : 5))
    let (input, kernel) = (try operands.input.rounded(), try operands.kernel.rounded())
    let bias = try operands.bias.rounded()
    let workers = try Workers(count)
    var output = Tensor(zeros: geometry.outputShape)
    input.withUnsafeScalars { input in
      kernel.withUnsafeScalars { kernel in
        bias.withUnsafeScalars { bias in
          output.withUnsafeMutableScalars { output in
            workers.withScratch(pass.sharedFloats) { memory in
              pass.run(
                .forward(input: input, kernel: kernel, output: output, shared: memory, bias: bias),
                workers: workers, scratch: memory)
            }
          }
        }
      }
    }
    #expect(firstMismatch(output, operands.results(geometry).output.sums) == nil)
  }

  @Test("Every output whose window holds NaN or an infinity is not finite", arguments: tiles)
  func nonFinite(lowering: Lowering, side: Int) throws {
    var affected = 0
    for layer in Layer.drawn(lowering, sides: [side], count: 12) {
      for value in [Float.nan, .infinity, -.infinity] {
        var random = SplitMix64(seed: layer.seed)
        var operands = ConvolutionOperands(
          input: random.reals(layer.geometry.inputShape), kernel: random.reals(layer.geometry.kernelShape),
          bias: random.reals([layer.geometry.outputChannels]),
          outputGradient: random.reals(layer.geometry.outputShape))
        operands.input.replaceOne(with: value, seed: layer.seed)
        operands.outputGradient.replaceOne(with: value, seed: layer.seed)
        let (expected, actual) = (operands.results(layer.geometry), try layer.results(operands))
        for (expected, actual) in [
          (expected.output.sums, actual.output), (expected.inputGradient.sums, actual.input),
          (expected.kernelGradient.sums, actual.kernel),
        ] {
          #expect(
            expected.scalars.indices.allSatisfy {
              expected.scalars[$0].isFinite || !actual.scalars[$0].isFinite
            }, "\(value) in \(layer.testDescription)")
          affected += expected.scalars.count { !$0.isFinite }
        }
      }
    }
    // Only windows entirely in the padding do not read the value.
    #expect(affected > 1_000, "too few outputs read the value")
  }

  /// Every tile: a lowering and the side of a kernel that it supports.
  static let tiles: [(Lowering, side: Int)] = [(.winograd2, 3), (.winograd4, 3), (.winograd2, 5)]

  @Test("Reals stay within the lowering's own bound", arguments: tiles)
  func bounded(lowering: Lowering, side: Int) throws {
    for layer in Layer.drawn(lowering, sides: [side]) {
      let geometry = layer.geometry
      var random = SplitMix64(seed: layer.seed)
      // Every other layer has the output of a ReLU as its input: half of it is zero, so the sums of tiles are
      // small.
      let sparse = layer.seed % 2 == 0
      let operands = ConvolutionOperands(
        input: random.reals(geometry.inputShape).map { sparse ? max($0, 0) : $0 },
        kernel: random.reals(geometry.kernelShape),
        bias: random.reals([geometry.outputChannels]), outputGradient: random.reals(geometry.outputShape))
      let actual = try layer.results(operands)
      let points = try PointReference(
        geometry, input: operands.input.rounded(), kernel: operands.kernel.rounded(),
        bias: operands.bias.rounded(), outputGradient: operands.outputGradient.rounded())
      let settings = PassSettings(scratchBytes: layer.options.scratchBytes, lowering: lowering)

      let forward = LoweringBound(ConvolutionPlan.forward(geometry, settings).loweringName)
      expect(actual.output, layer, "output") { index in
        let sum = points.output(at: index)
        return (sum, forward.allowed(sum) { points.outputTileMagnitude(at: index, side: $0) })
      }
      let backward = LoweringBound(ConvolutionPlan.inputGradient(geometry, settings).loweringName)
      expect(actual.input, layer, "input gradient") { index in
        let sum = points.inputGradient(at: index)
        return (sum, backward.allowed(sum) { points.inputGradientTileMagnitude(at: index, side: $0) })
      }
      let kernel = LoweringBound(ConvolutionPlan.kernelGradient(geometry, settings).loweringName)
      expect(actual.kernel, layer, "kernel gradient") { index in
        let sum = points.kernelGradient(at: index, count: 1)[0]
        return (sum, kernel.allowed(sum) { _ in points.kernelGradientTileMagnitude(at: index) })
      }
    }
  }

  /// Checks about 150 elements, including the borders.
  private func expect(
    _ actual: Tensor, _ layer: Layer, _ what: String, _ point: (Int) -> (PointReference.Sum, Double)
  ) {
    let indices = SeededPositions.indices(of: actual.shape, count: 150, seed: layer.seed)
    let points = indices.map(point)
    let shape = [indices.count]
    #expect(
      firstMismatch(
        DoubleTensor(shape: shape, scalars: indices.map { Double(actual.scalars[$0]) }),
        DoubleTensor(shape: shape, scalars: points.map(\.0.value)), tolerance: .each(points.map(\.1))) == nil,
      "\(what) of \(layer.testDescription)")
  }

  @Test("One, two and three workers give the same bits", arguments: tiles)
  func sameBits(lowering: Lowering, side: Int) throws {
    for layer in Layer.drawn(lowering, sides: [side], count: 10) {
      var random = SplitMix64(seed: layer.seed)
      let input = try random.reals(layer.geometry.inputShape).rounded()
      let kernel = try random.reals(layer.geometry.kernelShape).rounded()
      let gradient = try random.reals(layer.geometry.outputShape).rounded()
      let results = try (1...3).map { workers in
        let options = RandomCases.options(
          workers: workers, scratchBytes: layer.options.scratchBytes, lowering: lowering)
        let gradients = try convolutionGradients(
          of: gradient, input: input, kernel: kernel, padding: layer.padding,
          groups: layer.groups, options: options)
        let output = try convolve(
          input, kernel: kernel, padding: layer.padding, groups: layer.groups, options: options)
        return [output, gradients.input, gradients.kernel]
      }
      for other in results.dropFirst() {
        for (one, two) in zip(other, results[0]) {
          #expect(firstDifferentBits(one, two) == nil, "\(layer.testDescription)")
        }
      }
    }
  }
}
