import Im2col

/// The order in which an epoch goes through the images.
struct EpochOrder {
  private(set) var indices: [Int]

  /// The images' own order.
  init(count: Int) { indices = Array(0..<count) }

  /// The order of one epoch, whatever order was there before; it follows from seed and epoch alone.
  mutating func shuffle(seed: UInt64, epoch: Int) {
    CounterRandom(seed: seed, stream: .shuffle(epoch: epoch)).shuffle(&indices)
  }
}
