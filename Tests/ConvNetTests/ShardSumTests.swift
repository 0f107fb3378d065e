import CKernels
import ConvNet
import Im2colReference
import Testing

/// Sums of gradient shards: exact bits, because the order of the additions is part of the result.
@Suite("Sums of shards")
struct ShardSumTests {
  /// tree(n) = tree(p) + tree(n - p), with p the largest power of two below n.
  private static func tree(_ shards: ArraySlice<[Float]>) -> [Float] {
    guard shards.count > 1 else { return shards.first ?? [] }
    var p = 1
    while 2 * p < shards.count { p *= 2 }
    return zip(tree(shards.prefix(p)), tree(shards.dropFirst(p))).map { $0 + $1 }
  }

  /// Shards with gaps of 5 scalars, which must not be read.
  private static func memory(_ shards: [[Float]]) -> (scalars: [Float], stride: Int64) {
    (shards.flatMap { $0 + [Float](repeating: .nan, count: 5) }, Int64(shards[0].count + 5))
  }

  /// Calls `body` with some of the shards in memory.
  private static func with<R>(_ shards: [[Float]], _ range: Range<Int>, _ body: (ckernels_shards) -> R) -> R {
    let (scalars, stride) = memory(shards)
    return scalars.withUnsafeBufferPointer {
      body(
        ckernels_shards(
          first: $0.baseAddress.map { $0 + range.lowerBound * Int(stride) }, stride: stride,
          count: Int64(range.count)))
    }
  }

  private static func shards(_ number: Int, _ count: Int) -> [[Float]] {
    var random = SplitMix64(seed: UInt64(number) + 31)
    return (0..<number).map { _ in random.reals([count]).scalars.map(Float.init) }
  }

  @Test("are taken along the tree", arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 31, 67])
  func tree(_ number: Int) {
    let shards = Self.shards(number, 1_029)
    var sum = [Float](repeating: .nan, count: 1_029)
    Self.with(shards, 0..<number) { ckernels_sum_shards(1_029, $0, &sum) }
    #expect(sum == Self.tree(shards[...]))
    // Up to three shards, the tree is a sum from left to right; from four, bits differ.
    let leftToRight: [Float] = shards.dropFirst().reduce(shards[0]) { zip($0, $1).map { $0 + $1 } }
    let isSame: Bool = sum == leftToRight
    #expect(isSame == (number <= 3))
  }

  @Test("of subtrees are those of the whole tree", arguments: [5, 7, 8, 13])
  func subtrees(_ number: Int) {
    let shards = Self.shards(number, 40)
    var p = 1
    while 2 * p < number { p *= 2 }
    func sum(_ range: Range<Int>) -> [Float] {
      var sum = [Float](repeating: 0, count: 40)
      Self.with(shards, range) { ckernels_sum_shards(40, $0, &sum) }
      return sum
    }
    let whole = sum(0..<number)
    let added = zip(sum(0..<p), sum(p..<number)).map { $0 + $1 }
    #expect(added == whole)
  }

  @Test("are what every optimizer uses, times its factor", arguments: [1, 4, 7])
  func optimizers(_ number: Int) throws {
    let count = 1_500
    let shards = Self.shards(number, count)
    let gradient = Self.tree(shards[...]).map { $0 * 0.375 }
    for optimizer in [
      Optimizer.sgd(), .sgd(momentum: 0.5, weightDecay: 0.25), .sgd(momentum: 0.5, nesterov: true), .adam(),
      .rmsprop(), .rmsprop(momentum: 0.5, weightDecay: 0.25),
    ] {
      var (expected, state) = (shards[0], optimizer.initialState(parameters: count))
      try optimizer.update(parameters: &expected, gradients: gradient, state: &state)
      var (actual, first) = (shards[0], [Float](repeating: 0, count: count))
      var second = first
      // In two ranges, as blocks of an update.
      for range in [0..<700, 700..<count] {
        Self.with(shards, 0..<number) {
          optimizer.apply(
            update: 1, range: range, shards: $0, factor: 0.375, parameters: &actual, firstMoment: &first,
            secondMoment: &second)
        }
      }
      #expect(actual == expected, "\(optimizer)")
    }
  }

  @Test("squares are summed in double, exactly for integers", arguments: [0, 1, 15, 16, 1_024, 3_001])
  func squares(_ count: Int) {
    var random = SplitMix64(seed: 33)
    let shards = (0..<5).map { _ in random.integers([count]).scalars.map(Float.init) }
    let expected = (0..<count).map { i in shards.reduce(0.0) { $0 + Double($1[i]) } }.reduce(0) {
      $0 + $1 * $1
    }
    let actual = Self.with(shards, 0..<5) { ckernels_sum_of_squares(Int64(count), $0) }
    #expect(actual == expected)
    // Squares that overflow in Float.
    let huge = [Float](repeating: 1e30, count: 17)
    let sum = Self.with([huge], 0..<1) { ckernels_sum_of_squares(17, $0) }
    #expect(abs(sum / (17 * Double(Float(1e30)) * Double(Float(1e30))) - 1) < 1e-15)
  }
}
