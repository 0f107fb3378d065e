import Im2col
import Im2colReference
import Testing

/// Sums of small integers are exact in any order, so every element must equal the loop nest (as in oneDNN's
/// benchdnn).
@Suite struct ExactIntegerTests {
  @Test("Forward and all gradients equal the loop nest", arguments: RandomCases.parts)
  func equalsLoopNest(part: Int) throws {
    for test in RandomCases.part(part) {
      let operands = test.integers()
      let expected = operands.results(test.geometry)
      try #require(expected.all.allSatisfy { $0.areExactInFloat }, "sums exceed 2^24 in \(test)")
      let actual = try test.results(operands, test.options(lowering: .im2col))
      #expect(firstMismatch(actual.output, expected.output.sums) == nil, "forward, \(test)")
      #expect(
        firstMismatch(actual.inputGradient, expected.inputGradient.sums) == nil, "input gradient, \(test)")
      #expect(
        firstMismatch(actual.kernelGradient, expected.kernelGradient.sums) == nil, "kernel gradient, \(test)")
      #expect(firstMismatch(actual.biasGradient, expected.biasGradient.sums) == nil, "bias gradient, \(test)")

      let direct = try test.results(operands, test.options(lowering: .direct))
      #expect(firstMismatch(direct.output, expected.output.sums) == nil, "direct, \(test)")
      #expect(
        firstMismatch(direct.inputGradient, expected.inputGradient.sums) == nil,
        "direct, input gradient, \(test)")
      #expect(
        firstMismatch(direct.kernelGradient, expected.kernelGradient.sums) == nil,
        "direct, kernel gradient, \(test)")

      // The choice of `.automatic` is exact on integers too, except for lowerings with transforms.
      let exactLowerings: Set<LoweringName> = [.gemm, .im2col, .direct, .depthwise]
      let passes = test.passes(lowering: .automatic)
      guard passes.contains(where: { exactLowerings.contains($0.loweringName) }) else { continue }
      let automatic = try test.results(operands, test.options(lowering: .automatic))
      for (pass, (actual, expected)) in zip(
        passes,
        [
          (automatic.output, expected.output), (automatic.inputGradient, expected.inputGradient),
          (automatic.kernelGradient, expected.kernelGradient),
        ]) where exactLowerings.contains(pass.loweringName)
      {
        #expect(firstMismatch(actual, expected.sums) == nil, "\(pass.loweringName), automatic, \(test)")
      }
    }
  }

  @Test("The random cases include enough with several tiles, with long sums, and with nonzero outputs")
  func frequencies() {
    let cases = RandomCases.all
    // Scratch that is smaller than the column matrix of a group implies several tiles.
    let tiled = cases.filter { test in
      let whole = test.geometry.pixels * test.geometry.patchLength
      return test.passes(lowering: .im2col)[0].loweringName == .im2col
        && test.passes(lowering: .im2col)[0].scratchFloats < whole
    }
    #expect(5 * tiled.count >= cases.count, "\(tiled.count) of \(cases.count) have several tiles")
    let long = cases.filter { $0.geometry.patchLength > 320 }
    #expect(20 * long.count >= cases.count, "\(long.count) of \(cases.count) have K > 320")
    let zero = cases.prefix(100).filter { test in
      let operands = test.integers()
      return LoopNestConvolution.forward(input: operands.input, kernel: operands.kernel, test.geometry)
        .sums.scalars.allSatisfy { $0 == 0 }
    }
    #expect(zero.count <= 10, "\(zero.count) of 100 are empty or all zero")
  }

  @Test("The layout of channels by pixels, and accumulated gradients, give the same integers")
  func fusedLayout() throws {
    for test in RandomCases.all.prefix(RandomCases.count / 3)
    where test.geometry.groups == 1 && test.geometry.pixels > 0 {
      let geometry = test.geometry
      let operands = test.integers()
      let expected = operands.results(geometry)
      let settings = PassSettings(
        scratchBytes: test.scratchBytes, lowering: .im2col, layout: .channelsByPixels)
      let transposedGradient = operands.outputGradient.transposed(rows: geometry.pixels)

      let forward = try runWithGuards(
        ConvolutionPlan.forward(geometry, settings),
        .forward(input: operands.input, kernel: operands.kernel, bias: operands.bias),
        count: geometry.outputCount)
      let output = DoubleTensor(
        shape: [geometry.pixels, geometry.outputChannels], scalars: expected.output.sums.scalars)
      #expect(forward == output.transposed(rows: geometry.pixels).scalars, "forward, \(test)")

      let inputGradient = try runWithGuards(
        ConvolutionPlan.inputGradient(geometry, settings),
        .inputGradient(outputGradient: transposedGradient, kernel: operands.kernel),
        count: geometry.inputCount)
      #expect(inputGradient == expected.inputGradient.sums.scalars, "input gradient, \(test)")

      for accumulates in [false, true] {
        let kernelGradient = try runWithGuards(
          ConvolutionPlan.kernelGradient(geometry, settings),
          .kernelGradient(
            input: operands.input, outputGradient: transposedGradient, accumulates: accumulates),
          count: geometry.kernelCount, fill: accumulates ? 3 : .nan)
        let sums = expected.kernelGradient.sums.scalars.map { $0 + (accumulates ? 3 : 0) }
        #expect(kernelGradient == sums, "kernel gradient, accumulates \(accumulates), \(test)")
      }
      let kernelGradient = try runWithGuards(
        ConvolutionPlan.kernelGradient(
          geometry, PassSettings(scratchBytes: test.scratchBytes, lowering: .im2col)),
        .kernelGradient(
          input: operands.input, outputGradient: operands.outputGradient, accumulates: true),
        count: geometry.kernelCount, fill: 5)
      #expect(
        kernelGradient == expected.kernelGradient.sums.scalars.map { $0 + 5 }, "kernel gradient, \(test)")
    }
  }
}

extension DoubleTensor {
  /// Reads the scalars as `[rows, columns]` and returns their transpose.
  func transposed(rows: Int) -> DoubleTensor {
    let columns = count / rows
    return DoubleTensor(
      shape: [columns, rows],
      scalars: (0..<count).map { scalars[$0 % rows * columns + $0 / rows] })
  }
}
