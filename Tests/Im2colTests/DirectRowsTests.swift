import Im2col
import Im2colReference
import Testing

/// Layers of one input channel and few output channels, whose output rows are vectors.
@Suite struct DirectRowsTests {
  /// A random layer: rows that are and are not a multiple of a vector, borders as wide as the kernel, and
  /// kernels larger than the padding.
  struct Layer: Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let geometry: ConvolutionGeometry
    let scratchBytes: Int

    var testDescription: String { "seed \(seed): \(geometry.inputShape) by \(geometry.kernelShape)" }

    init?(seed: UInt64) {
      var random = SplitMix64(seed: seed &+ 0x0d1e)
      let kernel = [random.roll(1...7), random.roll(1...7), 1, random.roll(1...15)]
      let padding = Padding.explicit(
        top: random.roll(0...kernel[0] - 1), bottom: random.roll(0...kernel[0] - 1),
        left: random.roll(0...kernel[1] - 1), right: random.roll(0...kernel[1] - 1))
      scratchBytes = 4_096 << random.roll(0...5)
      guard
        let geometry = try? ConvolutionGeometry(
          input: [random.roll(1...3), random.roll(7...33), random.roll(16...45), 1], kernel: kernel,
          padding: padding),
        geometry.window.width.output >= 16
      else { return nil }
      (self.seed, self.geometry) = (seed, geometry)
    }

    static let drawn = Array((0..<1_000).lazy.compactMap { Layer(seed: $0) }.prefix(40))
  }

  @Test("Integers equal the loop nest in both layouts, with and without accumulation", arguments: Layer.drawn)
  func exact(layer: Layer) throws {
    let geometry = layer.geometry
    var random = SplitMix64(seed: layer.seed)
    let operands = ConvolutionOperands(
      input: random.integers(geometry.inputShape), kernel: random.integers(geometry.kernelShape),
      bias: random.integers([geometry.outputChannels]), outputGradient: random.integers(geometry.outputShape))
    let expected = operands.results(geometry)
    for layout in [PixelLayout.pixelsByChannels, .channelsByPixels] {
      let settings = PassSettings(scratchBytes: layer.scratchBytes, layout: layout)
      let passes = [
        ConvolutionPlan.forward(geometry, settings), ConvolutionPlan.kernelGradient(geometry, settings),
      ]
      try #require(passes.map(\.loweringName) == [.direct, .direct])
      #expect(passes.allSatisfy { $0.scratchFloats * 4 <= layer.scratchBytes })
      func laidOut(_ tensor: DoubleTensor) -> DoubleTensor {
        layout == .pixelsByChannels ? tensor : tensor.transposed(rows: geometry.pixels)
      }
      let output = try runWithGuards(
        passes[0], .forward(input: operands.input, kernel: operands.kernel, bias: operands.bias),
        count: geometry.outputCount)
      let sums = DoubleTensor(shape: geometry.outputShape, scalars: expected.output.sums.scalars)
      #expect(output == laidOut(sums).scalars, "forward, \(layout)")
      for accumulates in [false, true] {
        let gradient = try runWithGuards(
          passes[1],
          .kernelGradient(
            input: operands.input, outputGradient: laidOut(operands.outputGradient), accumulates: accumulates),
          count: geometry.kernelCount, fill: accumulates ? 3 : .nan)
        #expect(
          gradient == expected.kernelGradient.sums.scalars.map { $0 + (accumulates ? 3 : 0) },
          "kernel gradient, \(layout), accumulates \(accumulates)")
      }
    }
  }

  @Test("An infinity in the input or in the output gradient reaches the kernel gradient exactly")
  func infinity() throws {
    let geometry = try ConvolutionGeometry(input: [1, 5, 19, 1], kernel: [3, 3, 1, 4], padding: .same)
    var random = SplitMix64(seed: 77)
    // A column that both vectors of a row contain, away from the zeros of the border.
    let place = 2 * 19 + 10
    for changed in ["input", "outputGradient"] {
      var operands = ConvolutionOperands(
        input: random.integers(geometry.inputShape).map { abs($0) + 1 },
        kernel: random.integers(geometry.kernelShape), bias: random.integers([4]),
        outputGradient: random.integers(geometry.outputShape).map { abs($0) + 1 })
      if changed == "input" { operands.input.scalars[place] = .infinity }
      if changed == "outputGradient" { operands.outputGradient.scalars[4 * place] = .infinity }
      let expected = operands.results(geometry).kernelGradient.sums.scalars
      let pass = ConvolutionPlan.kernelGradient(geometry, PassSettings())
      try #require(pass.loweringName == .direct)
      let actual = try runWithGuards(
        pass, .kernelGradient(input: operands.input, outputGradient: operands.outputGradient),
        count: geometry.kernelCount)
      #expect(zip(actual, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(changed)")
    }
  }
}
