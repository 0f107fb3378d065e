/// Random numbers from a seed, the same on every machine: SplitMix64 (Steele, Lea and Flood, *Fast
/// splittable pseudorandom number generators*, OOPSLA 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// An integer of a range. The multiplication favors no value by more than 2^-50 at our ranges.
  package mutating func roll(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
  }

  /// True once in `times`.
  package mutating func oneIn(_ times: Int) -> Bool { roll(1...times) == 1 }

  /// One of several values.
  package mutating func pick<T>(_ values: [T]) -> T { values[roll(0...values.count - 1)] }

  /// Uniform in [-1, 1), with as many bits as a Float32 holds, so that the engine sees the same numbers.
  package mutating func real() -> Double { Double(Int64(bitPattern: next()) >> 40) * 0x1p-23 }

  /// A tensor of `real()`.
  package mutating func reals(_ shape: [Int]) -> DoubleTensor {
    DoubleTensor(shape: shape, scalars: (0..<shape.reduce(1, *)).map { _ in real() })
  }

  /// A tensor of integers in -32...32, of which a share is not zero.
  ///
  /// With a density of `min(1, 16384 / K)` sums of *K* products stay below 2^24, where every integer
  /// is a Float32 and every order of summation is exact (oneDNN's benchdnn fills tensors this way).
  package mutating func integers(_ shape: [Int], density: Double = 1) -> DoubleTensor {
    let dense = density >= 1
    return DoubleTensor(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in
        dense || (real() + 1) / 2 < density ? Double(roll(-32...32)) : 0
      })
  }
}
