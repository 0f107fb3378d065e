import Im2col
import Testing

@Suite struct ShuffleTests {
  private func order(_ count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var order = [Int](repeating: 0, count: count)
    CounterRandom(seed: seed, stream: .shuffle(epoch: epoch)).shuffle(&order)
    return order
  }

  @Test(arguments: [0, 1, 2, 3, 10, 1000])
  func everyIndexOccursOnce(count: Int) {
    #expect(order(count, seed: 5, epoch: 1).sorted() == Array(0..<count))
  }

  /// A seed fixes these orders, so they must never change.
  @Test func ordersAreStable() {
    #expect(order(10, seed: 0, epoch: 0) == [7, 8, 3, 6, 5, 9, 0, 1, 4, 2])
    #expect(order(10, seed: 0, epoch: 1) == [6, 5, 9, 7, 1, 0, 8, 3, 4, 2])
    #expect(order(10, seed: .max, epoch: 7) == [0, 2, 3, 5, 1, 8, 6, 7, 9, 4])
    #expect(order(1000, seed: 42, epoch: 3).prefix(5) == [879, 389, 583, 97, 506])
  }

  @Test func differentSeedsAndEpochsGiveDifferentOrders() {
    let orders = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1 << 32, 0), (0, -1)].map {
      order(100, seed: $0.0, epoch: $0.1)
    }
    #expect(Set(orders).count == orders.count)
  }

  /// In 6,000 shuffles of three indices each of the six orders occurs 1,000 times, with a standard deviation
  /// of 29.
  @Test func allOrdersAreEquallyLikely() {
    var times: [[Int]: Int] = [:]
    for epoch in 0..<6000 { times[order(3, seed: 9, epoch: epoch), default: 0] += 1 }
    #expect(times.count == 6 && times.values.allSatisfy { (830...1170).contains($0) }, "\(times)")
  }
}
