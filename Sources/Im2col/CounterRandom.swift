/// A counter-based random number generator: number *n* of a stream is a pure function of the seed, the
/// stream and *n*.
///
/// The generator has no state. A resumed training run replays nothing, and many threads can read one stream.
/// The function is Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC11, doi:10.1145/2063384.2063405. The seed is its key; the block number and the stream are its counter:
///
///     counter words     0              1               2            3
///                       block, low     block, high     stream, low  stream, high
///
/// The numbers are the same on every platform and in every version of Swift. They are not suitable for
/// cryptography.
public struct CounterRandom: Sendable, Hashable {
  /// The purpose of the numbers, so that two uses of one seed never share numbers.
  public struct Stream: Sendable, Hashable {
    /// The purpose in the upper 16 bits, and an index in the lower 48.
    public let rawValue: UInt64

    /// Creates a stream; this package reserves the purposes below 16.
    public init(purpose: UInt16, index: Int) {
      rawValue = UInt64(purpose) << 48 | UInt64(truncatingIfNeeded: index) & 0xFFFF_FFFF_FFFF
    }

    /// The stream that initializes a parameter tensor of a model, numbered from 0.
    public static func initialValues(parameter index: Int) -> Stream { Stream(purpose: 1, index: index) }

    /// The stream that orders the images of an epoch.
    public static func shuffle(epoch: Int) -> Stream { Stream(purpose: 2, index: epoch) }

    /// The stream of the dropout mask of a layer in one training step, numbered `update`.
    ///
    /// The lower 12 bits hold the layer, so a model with more than 4,096 layers shares streams.
    public static func dropout(layer index: Int, update: Int) -> Stream {
      Stream(purpose: 3, index: update << 12 | index & 0xFFF)
    }
  }

  /// The seed chosen by the user.
  public let seed: UInt64
  /// The stream of the seed.
  public let stream: Stream

  /// Creates a generator for a stream of a seed.
  public init(seed: UInt64, stream: Stream) {
    (self.seed, self.stream) = (seed, stream)
  }

  /// Returns number `index` of the stream: 64 uniform bits, half of block `index / 2`.
  public subscript(index: UInt64) -> UInt64 {
    let words = block(index / 2)
    return index.isMultiple(of: 2) ? words.lowHalf.joined : words.highHalf.joined
  }

  /// Returns block `index` of the stream: 128 uniform bits.
  public func block(_ index: UInt64) -> SIMD4<UInt32> {
    CounterRandom.philox(
      counter: SIMD4(lowHalf: SIMD2(splitting: index), highHalf: SIMD2(splitting: stream.rawValue)),
      key: SIMD2(splitting: seed))
  }

  /// Returns an integer in `0..<bound`, all equally likely.
  ///
  /// Lemire, "Fast random integer generation in an interval", doi:10.1145/3230636: the result is the high
  /// half of a product with 64 random bits; products whose low half would bias the result are rejected.
  ///
  /// - Parameters:
  ///   - bound: the upper bound.
  ///   - index: the next number to read; advanced past the last one used.
  /// - Precondition: `bound` is at least 1.
  public func next(below bound: UInt64, at index: inout UInt64) -> UInt64 {
    precondition(bound > 0, "bound is 0; it must be at least 1")
    let surplus = (0 &- bound) % bound
    while true {
      let product = self[index].multipliedFullWidth(by: bound)
      index &+= 1
      if product.low >= surplus { return product.high }
    }
  }

  /// Replaces the contents of an array with a random permutation of `0..<indices.count`, all equally likely
  /// (Fisher and Yates). The permutation depends only on the stream.
  ///
  ///     [ 0 .. open-1 | open .. count-1 ]
  ///       not chosen    chosen             swap(a random open element, the last open element)
  package func shuffle(_ indices: inout [Int]) {
    var number: UInt64 = 0
    for index in indices.indices { indices[index] = index }
    for open in stride(from: indices.count, to: 1, by: -1) {
      indices.swapAt(open - 1, Int(next(below: UInt64(open), at: &number)))
    }
  }

  /// Computes ten rounds of Philox4x32 on one block.
  ///
  /// Every round multiplies two of the words to 64 bits and exchanges the halves:
  ///
  ///     x0 ──× 0xD2511F53──> high ^ x3 ^ key1 ──> new x2
  ///                          low  ──────────────> new x3
  ///     x2 ──× 0xCD9E8D57──> high ^ x1 ^ key0 ──> new x0
  ///                          low  ──────────────> new x1
  package static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var words = counter
    var key = key
    for _ in 0..<10 {
      let first = words[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = words[2].multipliedFullWidth(by: 0xCD9E_8D57)
      words = SIMD4(
        second.high ^ words[1] ^ key[0], second.low, first.high ^ words[3] ^ key[1], first.low)
      key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return words
  }
}

extension SIMD2<UInt32> {
  /// Low word first.
  fileprivate init(splitting value: UInt64) {
    self.init(UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
  }

  fileprivate var joined: UInt64 { UInt64(self[1]) << 32 | UInt64(self[0]) }
}
