import Im2col
import MNISTData
import Testing

@Suite struct EpochShuffleTests {
  @Test(arguments: [0, 1, 2, 3, 10, 1000])
  func everyIndexOnce(count: Int) throws {
    let order = try EpochShuffle(count: count, seed: 5, epoch: 1).order
    #expect(order.sorted() == Array(0..<count))
  }

  /// These orders are part of what a seed means: they may never change.
  @Test func orderIsStable() throws {
    #expect(try EpochShuffle(count: 10, seed: 0, epoch: 0).order == [7, 8, 3, 6, 5, 9, 0, 1, 4, 2])
    #expect(try EpochShuffle(count: 10, seed: 0, epoch: 1).order == [6, 5, 9, 7, 1, 0, 8, 3, 4, 2])
    #expect(try EpochShuffle(count: 10, seed: .max, epoch: 7).order == [0, 2, 3, 5, 1, 8, 6, 7, 9, 4])
    #expect(try EpochShuffle(count: 1000, seed: 42, epoch: 3).order.prefix(5) == [879, 389, 583, 97, 506])
  }

  @Test func seedAndEpochMatter() throws {
    let orders = try [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1 << 32, 0), (0, -1)].map {
      try EpochShuffle(count: 100, seed: $0.0, epoch: $0.1).order
    }
    #expect(Set(orders).count == orders.count)
  }

  /// Each of the six orders of three is drawn 1,000 times in 6,000, give or take 29.
  @Test func allOrdersAreEquallyLikely() throws {
    var times: [[Int]: Int] = [:]
    for epoch in 0..<6000 { times[try EpochShuffle(count: 3, seed: 9, epoch: epoch).order, default: 0] += 1 }
    #expect(times.count == 6 && times.values.allSatisfy { (830...1170).contains($0) }, "\(times)")
  }

  @Test func negativeCount() {
    #expect(throws: ShapeError.negative("the number of images to shuffle", value: -1)) {
      try EpochShuffle(count: -1, seed: 0, epoch: 0)
    }
  }
}
