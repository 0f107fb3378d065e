import ConvNet
import Im2col

/// Random tensors that are the same on every machine.
enum RandomImages {
  /// Returns a tensor of numbers in -1..<1.
  static func tensor(_ shape: [Int], seed: UInt64) throws -> Tensor {
    let random = CounterRandom(seed: seed, stream: CounterRandom.Stream(purpose: 999, index: 0))
    let count = shape.reduce(1, *)
    return try Tensor(
      shape: shape, scalars: (0..<count).map { Float(random[UInt64($0)] >> 40) * 0x1p-23 - 1 })
  }

  /// Returns a tensor of small integers, so that sums are exact and ties occur.
  static func integers(_ shape: [Int], seed: UInt64, in range: ClosedRange<Int> = -4...4) throws -> Tensor {
    let random = CounterRandom(seed: seed, stream: CounterRandom.Stream(purpose: 998, index: 0))
    let count = shape.reduce(1, *)
    return try Tensor(
      shape: shape,
      scalars: (0..<count).map { Float(range.lowerBound + Int(random[UInt64($0)] % UInt64(range.count))) })
  }

  /// Returns one-hot rows, `[count, classes]`.
  static func labels(_ count: Int, classes: Int, seed: UInt64) throws -> Tensor {
    let random = CounterRandom(seed: seed, stream: CounterRandom.Stream(purpose: 997, index: 0))
    var labels = try Tensor(repeating: 0, shape: [count, classes])
    for row in 0..<count { labels.scalars[row * classes + Int(random[UInt64(row)] % UInt64(classes))] = 1 }
    return labels
  }
}
