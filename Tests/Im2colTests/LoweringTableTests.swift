import Im2col
import Im2colReference
import Testing

/// Every row of the table on random problems that it supports: a new row is tested as soon as it is declared.
@Suite struct LoweringTableTests {
  @Test(
    "Every row and pass is drawn often, and is the one that runs when it is named", arguments: RowPass.all)
  func forced(row: RowPass) {
    let cases = TableCase.drawn(row)
    #expect(cases.count >= 50, "drawn \(cases.count) times")
    for test in cases {
      #expect(
        LoweringTable.makePass(test.problem, row.row.lowering).lowering == row.row.lowering, "\(test)")
    }
  }

  @Test("Where a row does not support a problem, im2col runs")
  func fallback() throws {
    let strided = try ConvolutionGeometry(input: [1, 9, 9, 32], kernel: [3, 3, 32, 32], stride: 2)
    for pass in ConvolutionProblem.Pass.allCases {
      for lowering in [Lowering.winograd4, .gemm, .depthwise] {
        #expect(LoweringTable.makePass(ConvolutionProblem(strided, pass), lowering).lowering == .im2col)
      }
    }
  }

  @Test("Integers equal the loop nest", arguments: RowPass.all.filter(\.row.exactIntegers))
  func exactIntegers(row: RowPass) throws {
    for test in TableCase.drawn(row) where test.geometry.pixels > 0 {
      let operands = test.operands(test.convolution.integers())
      let expected = test.expected(operands)
      try #require(expected.areExactInFloat, "sums exceed 2^24 in \(test)")
      for adding in row.pass == .kernelGradient ? [false, true] : [false] {
        let actual = try test.run(row.row.make(test.problem), operands, adding: adding)
        var sums = expected.sums.map { $0 + (adding ? 3 : 0) }
        if row.pass == .forward, let pooling = test.problem.pooling {
          #expect(
            actual.places == LoopNestPooling.places(sums, pooling), "places of the maxima, \(test)")
          sums = LoopNestPooling.forward(sums, pooling, .max)
        }
        let result = DoubleTensor(shape: sums.shape, scalars: actual.result.map(Double.init))
        let mismatch = firstMismatch(result, sums)
        #expect(mismatch == nil, "adding \(adding), \(test)")
      }
    }
  }

  @Test("Reals stay within the row's bound for 99.99% of the results", arguments: RowPass.all)
  func bounds(row: RowPass) throws {
    let bound = LoweringBound(row.row.lowering)
    var (results, beyond) = (0, 0)
    var worst = ""
    for test in TableCase.drawn(row) where test.geometry.pixels > 0 {
      // Every third case has the output of a ReLU as its input.
      var convolution = test.convolution.reals()
      if test.convolution.seed % 3 == 0 { convolution.input = convolution.input.map { max($0, 0) } }
      let operands = test.operands(convolution)
      let actual = try test.run(row.row.make(test.problem), operands).result
      var (sums, allowed) = try bounded(test, operands, bound)
      if row.pass == .forward, let pooling = test.problem.pooling {
        // A maximum differs by at most the largest error of its window.
        sums = LoopNestPooling.forward(sums, pooling, .max)
        allowed = LoopNestPooling.forward(allowed, pooling, .max)
      }
      for index in sums.scalars.indices where allowed.scalars[index].isFinite {
        results += 1
        let error = abs(Double(actual[index]) - sums.scalars[index])
        guard !(error <= allowed.scalars[index]) else { continue }
        beyond += 1
        worst = "element \(index) by \(error), allowed \(allowed.scalars[index]), \(test)"
      }
    }
    #expect(results > 3_000)
    // One result in 10,000 is 1 of the few thousand here; 100,000 results of each row of Winograd have 0 to 3.
    #expect(beyond <= max(1, results / 10_000), "\(beyond) of \(results) beyond the bound, such as \(worst)")
  }

  /// Returns the sums and the bound of each. Bounds over tiles take long, so only some elements have one; the
  /// others are infinite.
  private func bounded(_ test: TableCase, _ operands: TableCase.Operands, _ bound: LoweringBound) throws
    -> (sums: DoubleTensor, allowed: DoubleTensor)
  {
    let expected = test.expected(operands)
    guard bound.tile != nil else {
      return (
        expected.sums,
        DoubleTensor(shape: expected.sums.shape, scalars: expected.bounds.map { $0 * bound.factor })
      )
    }
    let points = try PointReference(
      test.geometry, input: operands.convolution.input.rounded(),
      kernel: operands.convolution.kernel.rounded(), bias: operands.convolution.bias.rounded(),
      outputGradient: operands.convolution.outputGradient.rounded())
    var allowed = DoubleTensor(
      shape: expected.sums.shape, scalars: [Double](repeating: .infinity, count: expected.sums.count))
    for index in SeededPositions.indices(
      of: expected.sums.shape, count: test.problem.pooling == nil ? 300 : 0, seed: test.convolution.seed)
    {
      let sum = PointReference.Sum(
        value: expected.sums.scalars[index], magnitude: expected.magnitudes.scalars[index],
        terms: expected.terms)
      allowed.scalars[index] = bound.allowed(sum) {
        points.tileMagnitude(test.problem.pass, at: index, side: $0)
      }
    }
    return (expected.sums, allowed)
  }

  @Test("One, two and three workers give the same bits", arguments: RowPass.all)
  func sameBits(row: RowPass) throws {
    for test in TableCase.drawn(row, count: 20) where test.geometry.pixels > 0 {
      let operands = test.operands(test.convolution.reals())
      let results = try (1...3).map { count in
        try test.run(
          row.row.make(test.problem), operands, workers: RandomCases.options(workers: count).workers)
      }
      for other in results.dropFirst() {
        #expect(
          other.result.map(\.bitPattern) == results[0].result.map(\.bitPattern)
            && other.places == results[0].places, "\(test)")
      }
    }
  }
}

extension LoopNestPooling {
  /// Returns the index of the first maximum, or of the last NaN, of each window: row * window width + column.
  static func places(_ input: DoubleTensor, _ window: WindowGeometry) -> [UInt8] {
    let (height, width, channels) = (window.height, window.width, input.shape[3])
    var places: [UInt8] = []
    for image in 0..<input.shape[0] {
      for i in 0..<height.output {
        for j in 0..<width.output {
          for c in 0..<channels {
            var best: (value: Double, place: Int)?
            for u in height.tapsInsideImage(ofWindow: i) {
              for v in width.tapsInsideImage(ofWindow: j) {
                let (y, x) = (
                  i * height.stride - height.before + u * height.dilation,
                  j * width.stride - width.before + v * width.dilation
                )
                let value = input.scalars[((image * height.input + y) * width.input + x) * channels + c]
                if best.map({ value > $0.value || value.isNaN }) ?? true {
                  best = (value, u * width.kernel + v)
                }
              }
            }
            places.append(UInt8(best?.place ?? 0))
          }
        }
      }
    }
    return places
  }
}
