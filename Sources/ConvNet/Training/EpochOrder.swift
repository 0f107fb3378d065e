import Im2col

/// The order in which an epoch goes through the images.
struct EpochOrder {
  private(set) var indices: [Int]

  /// The images' own order.
  init(count: Int) { indices = Array(0..<count) }

  /// The order of one epoch, whatever order was there before: Fisher and Yates' shuffle of `0..<count`
  /// with numbers that follow from seed and epoch alone.
  ///
  ///     [ 0 .. open-1 | open .. count-1 ]
  ///       not drawn     drawn              swap(one of the open ones, the last open one)
  mutating func shuffle(seed: UInt64, epoch: Int) {
    let random = CounterRandom(seed: seed, stream: .shuffle(epoch: epoch))
    var counter: UInt64 = 0
    for index in indices.indices { indices[index] = index }
    for open in stride(from: indices.count, to: 1, by: -1) {
      indices.swapAt(open - 1, Int(random.next(below: UInt64(open), at: &counter)))
    }
  }
}
