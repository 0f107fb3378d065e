/// A seeded random number generator with the same numbers on every machine: SplitMix64 (Steele, Lea and
/// Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014).
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

  /// Returns an integer of a range; for the ranges of the tests, the bias is below 2^-50.
  package mutating func roll(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next().multipliedFullWidth(by: UInt64(range.count)).high)
  }

  /// Returns true with probability `1 / times`.
  package mutating func oneIn(_ times: Int) -> Bool { roll(1...times) == 1 }

  /// Returns one of several values.
  package mutating func pick<T>(_ values: [T]) -> T { values[roll(0...values.count - 1)] }

  /// Returns a uniform value in [-1, 1) that is exact in Float32.
  package mutating func real() -> Double { Double(Int64(bitPattern: next()) >> 40) * 0x1p-23 }

  /// Returns a tensor of uniform values in [-1, 1).
  package mutating func reals(_ shape: [Int]) -> DoubleTensor {
    DoubleTensor(shape: shape, scalars: (0..<shape.reduce(1, *)).map { _ in real() })
  }

  /// Returns a tensor of integers in -32...32.
  ///
  /// With a density of `min(1, 16384 / K)`, sums of *K* products stay below 2^24, where every order of
  /// summation is exact in Float32 (as in oneDNN's benchdnn).
  ///
  /// - Parameter density: the fraction of elements that are not forced to zero.
  package mutating func integers(_ shape: [Int], density: Double = 1) -> DoubleTensor {
    let dense = density >= 1
    return DoubleTensor(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in
        dense || (real() + 1) / 2 < density ? Double(roll(-32...32)) : 0
      })
  }
}
