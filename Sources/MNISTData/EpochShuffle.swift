import Im2col

/// The order in which one epoch goes through a set of images.
///
/// It follows from seed and epoch alone. A training that resumes in epoch 7 asks for the
/// order of epoch 7; nothing is replayed, and nobody else's random numbers can disturb it.
public struct EpochShuffle: Sendable, Equatable {
  /// Every index of `0..<count` once.
  public let order: [Int]

  /// Draws an order by the shuffle of Fisher and Yates: every order is equally likely.
  ///
  ///     order   [ 0 .. position-1 | position .. count-1 ]
  ///                  still open        already drawn        swap(chosen from the open ones, last open)
  ///
  /// - Parameters:
  ///   - count: how many images there are.
  ///   - seed: the training's seed.
  ///   - epoch: which epoch; negative ones are as good as any.
  /// - Throws: `ShapeError.negative` when `count` is negative.
  /// - Complexity: O(`count`).
  public init(count: Int, seed: UInt64, epoch: Int) throws(ShapeError) {
    guard count >= 0 else { throw .negative("the number of images to shuffle", value: count) }
    let random = CounterRandom(seed: seed, stream: .shuffle(epoch: epoch))
    var counter: UInt64 = 0
    var order = Array(0..<count)
    for open in stride(from: count, to: 1, by: -1) {
      order.swapAt(open - 1, Int(random.next(below: UInt64(open), at: &counter)))
    }
    self.order = order
  }
}
