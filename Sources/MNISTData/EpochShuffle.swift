import Im2col

/// The order in which one epoch goes through a set of images.
///
/// It follows from seed and epoch alone. A training that resumes in epoch 7 asks for the
/// order of epoch 7; nothing is replayed, and nobody else's random numbers can disturb it.
public struct EpochShuffle: Sendable, Equatable {
  /// Every index of `0..<count` once.
  public let order: [Int]

  /// Draws an order; every order is equally likely. `Sequential.fit` goes through its images in the
  /// same one; its first epoch is epoch 1.
  ///
  /// - Parameters:
  ///   - count: how many images there are.
  ///   - seed: the training's seed.
  ///   - epoch: which epoch; negative ones are as good as any.
  /// - Throws: `ShapeError.negative` when `count` is negative.
  /// - Complexity: O(`count`).
  public init(count: Int, seed: UInt64, epoch: Int) throws(ShapeError) {
    guard count >= 0 else { throw .negative("the number of images to shuffle", value: count) }
    var order = [Int](repeating: 0, count: count)
    CounterRandom(seed: seed, stream: .shuffle(epoch: epoch)).shuffle(&order)
    self.order = order
  }
}
