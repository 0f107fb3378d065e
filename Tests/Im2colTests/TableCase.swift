import Im2col
import Im2colReference
import Testing

/// One pass of one row of the table of lowerings.
struct RowPass: Sendable, CustomTestStringConvertible {
  let row: LoweringRow
  let pass: ConvolutionProblem.Pass
  let entry: LoweringRow.Entry

  var testDescription: String { "\(row.lowering), \(pass.rawValue)" }

  /// All passes of all rows.
  static let all = LoweringTable.rows.flatMap { row in
    ConvolutionProblem.Pass.allCases.compactMap { pass in
      row[pass].map { RowPass(row: row, pass: pass, entry: $0) }
    }
  }
}

/// A random problem that a row supports.
struct TableCase: Sendable, CustomStringConvertible {
  let convolution: ConvolutionCase
  let problem: ConvolutionProblem
  let family: String

  var geometry: ConvolutionGeometry { problem.geometry }

  var description: String {
    let pooling = problem.pooling.map { window in
      let (h, w) = (window.height, window.width)
      return ", max pooling \(h.kernel)x\(w.kernel) at stride \(h.stride)x\(w.stride), "
        + "dilation \(h.dilation)x\(w.dilation), output \(h.output)x\(w.output), "
        + "padding \(h.before),\(h.after) x \(w.before),\(w.after)"
    }
    return "\(family), \(convolution)\(pooling ?? "")"
  }

  /// The number of cases of every row and pass.
  static let count = 50

  /// Returns the first `count` drawn problems that the row supports.
  static func drawn(_ row: RowPass, count: Int = count) -> [TableCase] {
    Array(
      (0..<100_000).lazy.compactMap { TableCase(seed: $0, pass: row.pass) }
        .filter { row.row.supports($0.problem) }.prefix(count))
  }

  init(_ convolution: ConvolutionCase, _ problem: ConvolutionProblem, _ family: String) {
    (self.convolution, self.problem, self.family) = (convolution, problem, family)
  }

  /// Draws from the families in turn, so that rows with rare conditions are drawn too.
  init?(seed: UInt64, pass: ConvolutionProblem.Pass) {
    var random = SplitMix64(seed: seed &+ 0x7ab1e)
    let family = Family.all[Int(seed) % Family.all.count]
    guard let convolution = family.draw(seed, &random) else { return nil }
    self.convolution = convolution
    self.family = family.name
    let (output, hasImages) = (convolution.geometry.window.output, convolution.geometry.batch > 0)
    let pooling =
      hasImages && random.oneIn(3)
      ? try? WindowGeometry(
        input: output, kernel: random.pick([2, Size2D(height: 3, width: 2), 3]), stride: 2,
        dilation: random.oneIn(4) ? Size2D(height: 1, width: 2) : 1,
        padding: random.pick([.valid, .same, .sameLower]), roundsUp: random.oneIn(3)) : nil
    if let pooling, (try? pooling.requireImageInEveryWindow()) == nil { return nil }
    problem = ConvolutionProblem(
      convolution.geometry, pass, pooling: pooling, scratchBytes: convolution.scratchBytes)
  }

  /// A kind of convolution, named for the failure message.
  private struct Family: Sendable {
    let name: String
    let draw: @Sendable (UInt64, inout SplitMix64) -> ConvolutionCase?

    static let all = [
      Family(name: "any") { seed, _ in ConvolutionCase(seed: seed, multiplications: 100_000) },
      Family(name: "3x3 or 5x5 at stride 1") { seed, random in
        let side = random.pick([3, 3, 5]), groups = random.pick([1, 1, 2, 3])
        return ConvolutionCase(
          seed: seed, input: [random.roll(1...3), random.roll(side...19), random.roll(side...19)],
          kernel: [side, side], channels: (random.roll(1...20 / groups), random.roll(1...20 / groups)),
          groups: groups, &random)
      },
      Family(name: "one input channel") { seed, random in
        ConvolutionCase(
          seed: seed, input: [random.roll(1...3), random.roll(7...33), random.roll(16...45)],
          kernel: random.oneIn(4) ? [5, 5] : [random.roll(1...7), random.roll(1...7)],
          channels: (1, random.roll(1...18)), groups: 1, &random)
      },
      Family(name: "groups of few channels") { seed, random in
        let inputs = random.pick([1, 1, 2, 4, 8, 16])
        return ConvolutionCase(
          seed: seed, input: [random.roll(1...3), random.roll(3...13), random.roll(3...17)],
          kernel: [random.roll(1...5), random.roll(1...5)],
          channels: (inputs, random.pick([inputs, inputs, 1, 2, 4, 8])), groups: random.roll(2...9),
          stride: Size2D(height: random.roll(1...2), width: random.roll(1...2)), &random)
      },
      Family(name: "1x1") { seed, random in
        let groups = random.roll(1...2)
        return ConvolutionCase(
          seed: seed, input: [random.roll(1...3), random.roll(1...13), random.roll(1...17)], kernel: [1, 1],
          channels: (random.roll(1...40), random.roll(1...40)), groups: groups,
          stride: random.oneIn(2) ? 1 : Size2D(height: random.roll(1...3), width: random.roll(1...3)), &random
        )
      },
      Family(name: "lines and dilation at stride 1") { seed, random in
        let kernel = random.pick([[1, 3], [3, 1], [1, 5], [7, 1], [3, 3], [3, 3]])
        return ConvolutionCase(
          seed: seed, input: [random.roll(1...2), random.roll(7...19), random.roll(7...19)], kernel: kernel,
          channels: (random.roll(1...20), random.roll(1...20)), groups: 1,
          dilation: Size2D(height: random.roll(1...3), width: random.roll(1...3)), &random)
      },
    ]
  }
}

extension ConvolutionCase {
  /// Creates a case with a random padding; nil if the window does not fit.
  fileprivate init?(
    seed: UInt64, input: [Int], kernel: [Int], channels: (inputs: Int, outputs: Int), groups: Int,
    stride: Size2D = 1, dilation: Size2D = 1, _ random: inout SplitMix64
  ) {
    let side = { (taps: Int, random: inout SplitMix64) in random.roll(0...taps) }
    let padding = random.pick([
      Padding.valid, .same,
      .explicit(
        top: side(kernel[0], &random), bottom: side(kernel[0], &random), left: side(kernel[1], &random),
        right: side(kernel[1], &random)),
    ])
    guard
      let geometry = try? ConvolutionGeometry(
        input: input + [groups * channels.inputs],
        kernel: kernel + [channels.inputs, groups * channels.outputs],
        stride: stride, dilation: dilation, groups: groups, padding: padding),
      geometry.pixels * geometry.patchLength * geometry.outputChannels <= 200_000
    else { return nil }
    self.init(
      seed: seed, geometry: geometry, padding: padding,
      scratchBytes: 4 * random.roll(1024...262_144 >> random.roll(0...8)), workers: random.roll(1...3))
  }
}

// MARK: - Operands, results and the reference

extension TableCase {
  /// The operands of the pass; gradients of a pooled output have pooled gradients and places.
  struct Operands {
    var convolution: ConvolutionOperands
    var pooledGradient: DoubleTensor?
    var places: [UInt8] = []
  }

  /// Returns operands; a third of the pooled gradients are zero, as after a ReLU.
  func operands(_ convolution: ConvolutionOperands) -> Operands {
    var operands = Operands(convolution: convolution)
    guard let pooling = problem.pooling, problem.pass != .forward else { return operands }
    var random = SplitMix64(seed: self.convolution.seed &+ 0x9001)
    let shape = pooledShape(pooling)
    var gradient = random.integers(shape)
    var places: [UInt8] = []
    let channels = geometry.outputChannels
    for index in 0..<gradient.count {
      if random.oneIn(3) { gradient.scalars[index] = 0 }
      let pixel = index / channels
      let (i, j) = (pixel / pooling.width.output % pooling.height.output, pixel % pooling.width.output)
      let (rows, columns) = (
        pooling.height.tapsInsideImage(ofWindow: i), pooling.width.tapsInsideImage(ofWindow: j)
      )
      places.append(
        UInt8(
          random.roll(rows.lowerBound...rows.upperBound - 1) * pooling.width.kernel
            + random.roll(columns.lowerBound...columns.upperBound - 1)))
    }
    (operands.pooledGradient, operands.places) = (gradient, places)
    operands.convolution.outputGradient = unpooled(gradient, places, pooling)
    return operands
  }

  func pooledShape(_ pooling: WindowGeometry) -> [Int] {
    [geometry.batch, pooling.height.output, pooling.width.output, geometry.outputChannels]
  }

  /// Adds each pooled gradient at the place of its maximum.
  func unpooled(_ gradient: DoubleTensor, _ places: [UInt8], _ pooling: WindowGeometry)
    -> DoubleTensor
  {
    var result = DoubleTensor(zeros: geometry.outputShape)
    let (height, width, channels) = (pooling.height, pooling.width, geometry.outputChannels)
    for index in 0..<gradient.count {
      let (pixel, channel) = index.quotientAndRemainder(dividingBy: channels)
      let (row, j) = pixel.quotientAndRemainder(dividingBy: width.output)
      let (image, i) = row.quotientAndRemainder(dividingBy: height.output)
      let (u, v) = Int(places[index]).quotientAndRemainder(dividingBy: width.kernel)
      let (y, x) = (
        i * height.stride - height.before + u * height.dilation,
        j * width.stride - width.before + v * width.dilation
      )
      result.scalars[((image * height.input + y) * width.input + x) * channels + channel] +=
        gradient.scalars[index]
    }
    return result
  }

  /// Returns the sums of the pass by the loop nest; a forward pass is not pooled yet.
  func expected(_ operands: Operands) -> SumsOfProducts {
    let operands = operands.convolution
    return switch problem.pass {
    case .forward:
      LoopNestConvolution.forward(
        input: operands.input, kernel: operands.kernel, bias: operands.bias, geometry)
    case .inputGradient:
      LoopNestConvolution.inputGradient(of: operands.outputGradient, kernel: operands.kernel, geometry)
    case .kernelGradient:
      LoopNestConvolution.kernelGradient(of: operands.outputGradient, input: operands.input, geometry)
    }
  }

  /// The number of scalars of the result.
  var resultCount: Int {
    switch problem.pass {
    case .forward: problem.pooling.map { pooledShape($0).reduce(1, *) } ?? geometry.outputCount
    case .inputGradient: geometry.inputCount
    case .kernelGradient: geometry.kernelCount
    }
  }

  /// What becomes of the sums of a forward pass.
  struct Finish {
    var activation = Activation.identity
    var hasBias = true
    var keepsPlaces = true
  }

  /// Runs a pass on one thread, with guard values after all memory, or on several workers.
  ///
  /// - Returns: the result, and the places of a pooled forward pass.
  func run(
    _ pass: LoweredPass, _ operands: Operands, workers: Workers? = nil, adding: Bool = false,
    finish: Finish = Finish()
  ) throws -> (result: [Float], places: [UInt8]) {
    let floats = operands.convolution.floats
    let pooled = operands.pooledGradient?.scalars.map(Float.init) ?? [0]
    let guardValue: Float = 12_345
    let scratchCount = workers.map { $0.count * pass.scratchStep } ?? pass.scratchFloats
    var result = [Float](repeating: adding ? 3 : .nan, count: resultCount) + [guardValue]
    var shared = [Float](repeating: .nan, count: pass.sharedFloats) + [guardValue]
    var scratch = [Float](repeating: .nan, count: scratchCount) + [guardValue]
    var places = [UInt8](repeating: 255, count: max(resultCount, operands.places.count)) + [99]
    try floats.withPointers { input, kernel, bias, outputGradient in
      try pooled.withUnsafeBufferPointer { pooled in
        try places.withUnsafeMutableBufferPointer { places in
          try result.withUnsafeMutableBufferPointer { result in
            try shared.withUnsafeMutableBufferPointer { shared in
              try scratch.withUnsafeMutableBufferPointer { scratch in
                let (result, shared) = (try #require(result.baseAddress), try #require(shared.baseAddress))
                let (scratch, place) = (try #require(scratch.baseAddress), try #require(places.baseAddress))
                let pooled = try #require(pooled.baseAddress)
                var memory: PassOperands =
                  switch problem.pass {
                  case .forward:
                    .forward(
                      input: input, kernel: kernel, output: result, shared: shared,
                      epilogue: Epilogue(
                        bias: finish.hasBias ? bias : nil, activation: finish.activation,
                        places: finish.keepsPlaces && problem.pooling != nil ? place : nil))
                  case .inputGradient:
                    .inputGradient(
                      outputGradient: outputGradient, kernel: kernel, inputGradient: result, shared: shared)
                  case .kernelGradient:
                    .kernelGradient(
                      input: input, outputGradient: outputGradient, kernelGradient: result, shared: shared,
                      accumulates: adding)
                  }
                if !pass.readsDenseRows {
                  for (index, value) in operands.places.enumerated() { place[index] = value }
                  memory = memory.reading(pooledGradient: pooled, places: place)
                }
                if let workers {
                  pass.run(memory, workers: workers, scratch: scratch)
                } else {
                  pass.run(memory, scratch: scratch)
                }
              }
            }
          }
        }
      }
    }
    try #require(
      result.popLast() == guardValue && shared.last == guardValue && scratch.last == guardValue
        && places.last == 99,
      "memory after an end was written, \(self)")
    return (result, Array(places.dropLast()))
  }
}

extension ConvolutionOperands {
  fileprivate var floats: Floats {
    Floats(tensors: [input, kernel, bias, outputGradient].map { $0.scalars.map(Float.init) + [0] })
  }

  fileprivate struct Floats {
    let tensors: [[Float]]

    func withPointers(
      _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) throws
        -> Void
    ) throws {
      try tensors[0].withUnsafeBufferPointer { first in
        try tensors[1].withUnsafeBufferPointer { second in
          try tensors[2].withUnsafeBufferPointer { third in
            try tensors[3].withUnsafeBufferPointer { fourth in
              try body(
                #require(first.baseAddress), #require(second.baseAddress), #require(third.baseAddress),
                #require(fourth.baseAddress))
            }
          }
        }
      }
    }
  }
}
