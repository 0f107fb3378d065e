import Im2col
import Im2colReference
import Testing

/// Problems whose gradients come back through a max pooling, larger than those of `LoweringTableTests`:
/// several bands, blocks of channels, parts of a batch and of an image.
@Suite struct SparseGradientTests {
  struct Layer: Sendable {
    let name: String
    let input: [Int]
    let kernel: [Int]
    var stride: Size2D = 1
    var padding = Padding.valid
    var pooling: (window: Size2D, stride: Size2D, padding: Padding) = (2, 2, .valid)
    var scratchBytes = ComputeOptions.defaultScratchBytes
  }

  static let layers = [
    Layer(name: "conv1 of LeNet-5", input: [3, 28, 28, 1], kernel: [5, 5, 1, 6], padding: .same),
    Layer(name: "conv2 of LeNet-5", input: [3, 14, 14, 6], kernel: [5, 5, 6, 16]),
    Layer(name: "parts of a batch", input: [9, 16, 16, 20], kernel: [3, 3, 20, 33], padding: .same),
    Layer(name: "parts of an image", input: [1, 60, 13, 16], kernel: [3, 3, 16, 96], padding: .same),
    Layer(
      name: "a large kernel, overlapping windows in padding", input: [2, 9, 9, 48], kernel: [3, 3, 48, 160],
      padding: .same, pooling: (3, 2, .same)),
    Layer(
      name: "little scratch", input: [2, 15, 12, 8], kernel: [3, 4, 8, 70], padding: .same,
      scratchBytes: 24_000),
    Layer(
      name: "runs and rows in several blocks", input: [2, 23, 25, 7], kernel: [11, 7, 7, 12],
      stride: Size2D(height: 2, width: 3), pooling: (Size2D(height: 3, width: 2), 1, .valid)),
    Layer(
      name: "a window of 256 places", input: [1, 34, 37, 2], kernel: [2, 2, 2, 9], pooling: (16, 5, .valid)),
  ]

  static let passes = [ConvolutionProblem.Pass.inputGradient, .kernelGradient]

  private func test(_ layer: Layer, _ pass: ConvolutionProblem.Pass) throws -> TableCase {
    let geometry = try ConvolutionGeometry(
      input: layer.input, kernel: layer.kernel, stride: layer.stride, padding: layer.padding)
    let pooling = try WindowGeometry(
      input: geometry.window.output, kernel: layer.pooling.window, stride: layer.pooling.stride,
      padding: layer.pooling.padding)
    return TableCase(
      ConvolutionCase(
        seed: 7, geometry: geometry, padding: layer.padding, scratchBytes: layer.scratchBytes, workers: 1),
      ConvolutionProblem(geometry, pass, pooling: pooling, scratchBytes: layer.scratchBytes), layer.name)
  }

  @Test("Integers equal the loop nest over unpooled rows", arguments: layers, passes)
  func exactIntegers(layer: Layer, pass: ConvolutionProblem.Pass) throws {
    let test = try test(layer, pass)
    let sparse = LoweringTable.makePass(test.problem, .sparse)
    try #require(sparse.lowering == .sparse && !sparse.readsDenseRows)
    #expect(sparse.scratchFloats <= test.problem.scratchFloats)
    let operands = test.operands(test.convolution.integers())
    let actual = try test.run(sparse, operands).result.map(Double.init)
    let expected = test.expected(operands).sums
    let mismatch = firstMismatch(DoubleTensor(shape: expected.shape, scalars: actual), expected)
    #expect(mismatch == nil, "\(test)")
  }

  @Test("One, two and three workers give the same bits", arguments: layers, passes)
  func sameBits(layer: Layer, pass: ConvolutionProblem.Pass) throws {
    let test = try test(layer, pass)
    let operands = test.operands(test.convolution.reals())
    let sparse = LoweringTable.makePass(test.problem, .sparse)
    let results = try (1...3).map { count in
      try test.run(sparse, operands, workers: RandomCases.options(workers: count).workers).result
    }
    for other in results.dropFirst() {
      #expect(other.map(\.bitPattern) == results[0].map(\.bitPattern), "\(test)")
    }
  }

  @Test("A gradient of zero skips what is not finite", arguments: passes)
  func zeros(pass: ConvolutionProblem.Pass) throws {
    let test = try test(Self.layers[1], pass)
    var convolution = test.convolution.integers()
    convolution.input = convolution.input.map { _ in .nan }
    convolution.kernel = convolution.kernel.map { _ in .infinity }
    var operands = test.operands(convolution)
    operands.pooledGradient = operands.pooledGradient?.map { _ in 0 }
    let result = try test.run(LoweringTable.makePass(test.problem, .sparse), operands).result
    #expect(result.allSatisfy { $0 == 0 })
  }

  @Test("Groups, dilated columns, large windows and scratch that is too small are not supported")
  func unsupported() throws {
    func lowering(
      groups: Int = 1, dilation: Size2D = 1, window: Size2D = 2, scratchBytes: Int = 1 << 19
    ) throws -> Lowering {
      let geometry = try ConvolutionGeometry(
        input: [1, 40, 40, 4], kernel: [3, 3, 4 / groups, 4], dilation: dilation, groups: groups)
      let pooling = try WindowGeometry(input: geometry.window.output, kernel: window, stride: 2)
      let problem = ConvolutionProblem(
        geometry, .kernelGradient, pooling: pooling, scratchBytes: scratchBytes)
      return LoweringTable.makePass(problem, .sparse).lowering
    }
    #expect(try lowering() == .sparse)
    #expect(try lowering(dilation: Size2D(height: 2, width: 1)) == .sparse)
    #expect(try lowering(dilation: Size2D(height: 1, width: 2)) == .im2col)
    #expect(try lowering(groups: 2) == .im2col)
    #expect(try lowering(window: 17) == .im2col)
    #expect(try lowering(scratchBytes: 4_096) == .im2col)
  }
}
