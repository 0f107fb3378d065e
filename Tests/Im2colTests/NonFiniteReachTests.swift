import Im2col
import Im2colReference
import Testing

/// One NaN or infinity in one operand of a random problem reaches the results that the row declares.
///
///     exactlyItsUses    uses  =   results that are not finite
///     atLeastItsUses    uses  <=  results that are not finite  <=  limit
///     atMostItsUses               results that are not finite  <=  uses
///
/// The limit is the tile of a use, or the border. A product with the zeros of the padding counts as a use.
@Suite struct NonFiniteReachTests {
  @Test("A NaN or infinity reaches the results that the row declares", arguments: RowPass.all)
  func reach(row: RowPass) throws {
    let tile = LoweringBound(row.row.lowering).tile ?? 1
    for test in TableCase.drawn(row) where test.geometry.pixels > 0 {
      let seed = test.convolution.seed
      let pooledForward = row.pass == .forward ? test.problem.pooling : nil
      // An infinity can lose in a maximum.
      let value: Float = pooledForward != nil ? .nan : [.nan, .infinity, -.infinity][Int(seed % 3)]
      let operand = ReachOfElement.operands(row.pass)[Int(seed >> 3 & 1)]
      var operands = test.operands(test.convolution.integers())
      let element = test.replaceOne(operand, of: &operands, with: value)
      let reach = ReachOfElement(test.geometry, row.pass, operand, element: element, tile: tile)

      let sums = test.expected(operands).sums
      var uses = sums.map { $0.isFinite ? 0 : .nan }
      var limit = uses
      for index in limit.scalars.indices where reach.limitContains(index) { limit.scalars[index] = .nan }
      if let pooledForward {
        (uses, limit) = (
          LoopNestPooling.forward(uses, pooledForward, .max),
          LoopNestPooling.forward(limit, pooledForward, .max)
        )
      }
      if row.entry.nonFinite == .exactlyItsUses, reach.isMultipliedByPadding { uses = limit }

      let actual = try test.run(row.row.make(test.problem), operands).result
      let mustReach = row.entry.nonFinite != .atMostItsUses
      let mayReach = row.entry.nonFinite == .atLeastItsUses || reach.isMultipliedByPadding ? limit : uses
      let missed = actual.indices.first { mustReach && uses.scalars[$0].isNaN && actual[$0].isFinite }
      let excess = actual.indices.first { !mayReach.scalars[$0].isNaN && !actual[$0].isFinite }
      #expect(missed == nil, "result \(missed ?? 0) uses \(value) of the \(operand) and is finite, \(test)")
      #expect(
        excess == nil,
        "result \(excess ?? 0) is not finite by \(value) at \(element) of the \(operand), \(test)")
    }
  }
}

/// The results that one element of an operand can reach, by the arithmetic of indices.
private struct ReachOfElement {
  enum Operand { case input, kernel, outputGradient }

  let geometry: ConvolutionGeometry
  let pass: ConvolutionProblem.Pass
  let operand: Operand
  /// The position of the element along the axes of its operand.
  let element: [Int]
  /// The side of a tile of results; 1 without tiles.
  let tile: Int

  init(
    _ geometry: ConvolutionGeometry, _ pass: ConvolutionProblem.Pass, _ operand: Operand, element: [Int],
    tile: Int
  ) {
    (self.geometry, self.pass, self.operand) = (geometry, pass, operand)
    (self.element, self.tile) = (element, tile)
  }

  static func operands(_ pass: ConvolutionProblem.Pass) -> [Operand] {
    switch pass {
    case .forward: [.input, .kernel]
    case .inputGradient: [.outputGradient, .kernel]
    case .kernelGradient: [.input, .outputGradient]
    }
  }

  /// Whether the zeros of the padding are multiplied by the element, which counts as a use.
  var isMultipliedByPadding: Bool {
    (pass, operand) == (.forward, .kernel) || (pass, operand) == (.kernelGradient, .outputGradient)
  }

  /// Whether a result uses the element, shares a tile with one that does, or is at the border.
  func limitContains(_ index: Int) -> Bool {
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    switch (pass, operand) {
    case (.forward, .kernel):
      return index % geometry.outputChannels == element[3]
    case (.forward, _):
      return isNear(pixel: element, output: position(of: index, in: geometry.outputShape))
    case (.inputGradient, .kernel):
      return index % geometry.inputChannels == element[3] / outputs * inputs + element[2]
    case (.inputGradient, _):
      return isNear(pixel: position(of: index, in: geometry.inputShape), output: element)
    case (.kernelGradient, .outputGradient):
      return index % geometry.outputChannels == element[3]
    case (.kernelGradient, _):
      let result = position(of: index, in: geometry.kernelShape)
      return result[2] == element[3] % inputs && result[3] / outputs == element[3] / inputs
    }
  }

  /// Whether the window of an output, or one of the same tile, reads a pixel of the image.
  private func isNear(pixel: [Int], output: [Int]) -> Bool {
    let (height, width) = (geometry.window.height, geometry.window.width)
    return pixel[0] == output[0]
      && pixel[3] / geometry.groupInputChannels == output[3] / geometry.groupOutputChannels
      && isNear(height, pixel[1], output[1]) && isNear(width, pixel[2], output[2])
  }

  private func isNear(_ axis: AxisGeometry, _ position: Int, _ window: Int) -> Bool {
    let offset = position + axis.before - window * axis.stride
    guard tile > 1 else {
      return offset >= 0 && offset % axis.dilation == 0 && offset / axis.dilation < axis.kernel
    }
    // Tiles are computed at stride 1, with dilation on interleaved subimages.
    let others = (tile - 1) * axis.dilation
    return (-others...axis.extent - 1 + others).contains(offset)
  }
}

/// Returns the position along every axis of a row-major index.
private func position(of index: Int, in shape: [Int]) -> [Int] {
  var rest = index
  return Array(
    shape.reversed().map { length -> Int in
      defer { rest /= length }
      return rest % length
    }.reversed())
}

extension TableCase {
  /// Replaces one element of an operand; of the gradient of a pooled output, at the place of a maximum.
  ///
  /// - Returns: the position of the element.
  fileprivate func replaceOne(
    _ operand: ReachOfElement.Operand, of operands: inout Operands, with value: Float
  ) -> [Int] {
    let seed = convolution.seed
    switch operand {
    case .input: operands.convolution.input.replaceOne(with: value, seed: seed)
    case .kernel: operands.convolution.kernel.replaceOne(with: value, seed: seed)
    case .outputGradient:
      if let pooling = problem.pooling, var gradient = operands.pooledGradient {
        gradient.replaceOne(with: value, seed: seed)
        operands.pooledGradient = gradient
        operands.convolution.outputGradient = unpooled(gradient, operands.places, pooling)
      } else {
        operands.convolution.outputGradient.replaceOne(with: value, seed: seed)
      }
    }
    let tensor =
      switch operand {
      case .input: operands.convolution.input
      case .kernel: operands.convolution.kernel
      case .outputGradient: operands.convolution.outputGradient
      }
    return position(of: tensor.scalars.firstIndex { !$0.isFinite } ?? 0, in: tensor.shape)
  }
}
