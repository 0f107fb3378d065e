import CKernels
import Im2colReference
import Testing

/// The vector loops of batch normalization against their formulas in Double.
@Suite("Batch normalization kernels")
struct BatchNormalizationKernelTests {
  struct Case: Sendable, CustomStringConvertible {
    let rows, channels: Int

    var description: String { "\(rows)x\(channels)" }
  }

  /// Folded rows (3, 10, 24, 63 channels), whole vectors (16, 48), both with a tail, wide rows, few rows, none.
  static let cases: [Case] = [
    Case(rows: 131, channels: 3), Case(rows: 77, channels: 10), Case(rows: 39, channels: 24),
    Case(rows: 150, channels: 63), Case(rows: 35, channels: 16), Case(rows: 17, channels: 48),
    Case(rows: 37, channels: 77), Case(rows: 3, channels: 3), Case(rows: 1, channels: 130),
    Case(rows: 1_000, channels: 1), Case(rows: 0, channels: 5),
  ]

  static func activation(_ function: ckernels_function, _ a: Float = 0, _ b: Float = 0) -> ckernels_activation
  {
    ckernels_activation(function: function, a: a, b: b)
  }

  /// Functions of registers, and one that is applied to whole rows.
  static let functions = [
    activation(ckernels_identity), activation(ckernels_relu), activation(ckernels_clip, -0.25, 0.5),
    activation(ckernels_leaky_relu, 0.125),
  ]

  /// f(x), and f' from the output.
  private static func value(_ f: ckernels_activation, _ x: Double) -> Double {
    switch f.function {
    case ckernels_relu: max(x, 0)
    case ckernels_clip: min(max(x, Double(f.a)), Double(f.b))
    case ckernels_leaky_relu: x > 0 ? x : Double(f.a) * x
    default: x
    }
  }

  private static func derivative(_ f: ckernels_activation, output y: Double) -> Double {
    switch f.function {
    case ckernels_relu: y > 0 ? 1 : 0
    case ckernels_clip: y > Double(f.a) && y < Double(f.b) ? 1 : 0
    case ckernels_leaky_relu: y > 0 ? 1 : Double(f.a)
    default: 1
    }
  }

  /// Sums of a range of rows as the kernel leaves them: 4 * channels scalars.
  private static func sums(_ x: [Float], rows: Range<Int>, channels: Int) -> [Double] {
    var sums = [Double](repeating: .nan, count: 4 * channels)
    x.withUnsafeBufferPointer {
      ckernels_batch_sums(
        Int64(rows.count), Int64(channels), $0.baseAddress.map { $0 + rows.lowerBound * channels }, &sums, 0)
    }
    return sums
  }

  /// The quantities of both kinds: sum + lost.
  private static func rounded(_ sums: [Double]) -> [Double] {
    (0..<sums.count / 2).map { sums[$0] + sums[$0 + sums.count / 2] }
  }

  @Test("sums of integers are exact, written and added", arguments: cases)
  func exactSums(_ test: Case) {
    var random = SplitMix64(seed: 11)
    let x = random.integers([test.rows, test.channels]).scalars
    var expected = [Double](repeating: 0, count: 2 * test.channels)
    for (index, value) in x.enumerated() {
      expected[index % test.channels] += value
      expected[test.channels + index % test.channels] += value * value
    }
    let floats = x.map(Float.init)
    var sums = Self.sums(floats, rows: 0..<test.rows, channels: test.channels)
    #expect(Self.rounded(sums) == expected, "\(test)")
    ckernels_batch_sums(Int64(test.rows), Int64(test.channels), floats, &sums, 1)
    #expect(Self.rounded(sums) == expected.map { 2 * $0 }, "\(test)")
  }

  @Test("sums over any partition agree to 1 ulp of Double", arguments: [1, 7, 24, 50])
  func partitions(_ channels: Int) {
    var random = SplitMix64(seed: 12)
    let rows = 4_099
    // Values with a mean, so that neither sum cancels to nothing.
    let x = (0..<rows * channels).map { _ in Float(random.real() * 3 + 1.7) }
    let whole = Self.rounded(Self.sums(x, rows: 0..<rows, channels: channels))
    for cuts in [
      [1], [1_024, 2_048, 3_072], [3, 5, 1_700, 1_701, 4_098], Array(stride(from: 16, to: rows, by: 16)),
    ] {
      var total = [Double](repeating: 0, count: 4 * channels)
      for (start, end) in zip([0] + cuts, cuts + [rows]) {
        ckernels_add_batch_sums(Int64(channels), Self.sums(x, rows: start..<end, channels: channels), &total)
      }
      for (part, one) in zip(Self.rounded(total), whole) {
        #expect(abs(part - one) <= one.ulp, "\(channels) channels, cuts \(cuts.prefix(5))")
      }
    }
  }

  @Test("outputs, with and without a residual, in place", arguments: cases)
  func normalize(_ test: Case) {
    var random = SplitMix64(seed: 13)
    let (rows, channels) = (Int64(test.rows), Int64(test.channels))
    let shape = [test.rows, test.channels]
    let (x, residual) = (random.reals(shape).scalars, random.reals(shape).scalars)
    let (scale, shift) = (random.reals([test.channels]).scalars, random.reals([test.channels]).scalars)
    let (floatScale, floatShift) = (scale.map(Float.init), shift.map(Float.init))
    for f in Self.functions {
      for added in [false, true] {
        var inPlace = x.map(Float.init)
        let floatResidual = residual.map(Float.init)
        inPlace.withUnsafeMutableBufferPointer { values in
          ckernels_batch_normalize(
            rows, channels, values.baseAddress, floatScale, floatShift, added ? floatResidual : nil, f,
            values.baseAddress)
        }
        for (index, actual) in inPlace.enumerated() {
          let c = index % test.channels
          let sum = x[index] * scale[c] + shift[c] + (added ? residual[index] : 0)
          #expect(abs(Double(actual) - Self.value(f, sum)) <= 4 * 0x1p-24, "\(test) \(f) \(index)")
        }
      }
    }
  }

  @Test("gradient sums, and the gradient before the activation", arguments: cases)
  func gradientSums(_ test: Case) {
    var random = SplitMix64(seed: 14)
    let (rows, channels) = (Int64(test.rows), Int64(test.channels))
    let shape = [test.rows, test.channels]
    let x = random.integers(shape).scalars
    let mean = random.integers([test.channels]).scalars
    let g = random.integers(shape).scalars.map { 64 * $0 }
    let y = random.reals(shape).scalars
    let (floatX, floatY) = (x.map(Float.init), y.map(Float.init))
    for f in Self.functions {
      var gradient = g.map(Float.init)
      var sums = [Double](repeating: .nan, count: 4 * test.channels)
      ckernels_batch_gradient_sums(
        rows, channels, floatX, f.function == ckernels_identity ? nil : floatY, mean, f, &gradient, &sums, 0)
      var expected = [Double](repeating: 0, count: 2 * test.channels)
      for index in 0..<x.count {
        let (c, before) = (
          index % test.channels, g[index] * Self.derivative(f, output: Double(floatY[index]))
        )
        #expect(Double(gradient[index]) == before, "\(test) \(f) \(index)")
        expected[c] += before
        expected[test.channels + c] += before * (x[index] - mean[c])
      }
      #expect(Self.rounded(sums) == expected, "\(test) \(f)")
    }
  }

  @Test("the input gradient, written in place and added", arguments: cases)
  func inputGradient(_ test: Case) {
    var random = SplitMix64(seed: 15)
    let (rows, channels) = (Int64(test.rows), Int64(test.channels))
    let shape = [test.rows, test.channels]
    let (x, g) = (random.integers(shape).scalars, random.integers(shape).scalars)
    let (a, b) = (random.integers([test.channels]).scalars, random.integers([test.channels]).scalars)
    let k = random.integers([test.channels]).scalars
    let expected = x.indices.map {
      a[$0 % test.channels] * g[$0] + b[$0 % test.channels] * x[$0] + k[$0 % test.channels]
    }
    let (floatX, floatG) = (x.map(Float.init), g.map(Float.init))
    var inPlace = floatG
    inPlace.withUnsafeMutableBufferPointer {
      ckernels_batch_input_gradient(
        rows, channels, floatX, $0.baseAddress, a.map(Float.init), b.map(Float.init), k.map(Float.init),
        $0.baseAddress, 0)
    }
    #expect(inPlace.map(Double.init) == expected, "\(test)")
    ckernels_batch_input_gradient(
      rows, channels, floatX, floatG, a.map(Float.init), b.map(Float.init), k.map(Float.init), &inPlace, 1)
    #expect(inPlace.map(Double.init) == expected.map { 2 * $0 }, "\(test)")
  }

  @Test("a NaN reaches the sums, the outputs of its channel, and its gradient")
  func notANumber() {
    var x = [Float](repeating: 1, count: 40 * 3)
    x[3 * 21 + 1] = .nan
    let sums = Self.rounded(Self.sums(x, rows: 0..<40, channels: 3))
    #expect(sums.map(\.isNaN) == [false, true, false, false, true, false])
    for f in Self.functions {
      var (y, g) = (x, [Float](repeating: 1, count: x.count))
      ckernels_batch_normalize(40, 3, x, [1, 1, 1], [0, 0, 0], nil, f, &y)
      #expect(y.indices.filter { y[$0].isNaN } == [64])
      guard f.function != ckernels_identity else { continue }
      var totals = [Double](repeating: 0, count: 12)
      ckernels_batch_gradient_sums(40, 3, x, y, [0, 0, 0], f, &g, &totals, 0)
      #expect(g.indices.filter { g[$0].isNaN } == [64])
      #expect(Self.rounded(totals)[1].isNaN)
    }
  }
}
