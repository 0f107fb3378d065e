import Im2col
import MNISTData
import Testing

@Suite struct BatchesTests {
  @Test(arguments: [
    (count: 0, size: 4, expected: []), (1, 4, [1]), (4, 4, [4]), (5, 4, [4, 1]), (12, 4, [4, 4, 4]),
    (3, 1, [1, 1, 1]), (7, Int(Int32.max), [7]),
  ])
  func sizes(count: Int, size: Int, expected: [Int]) throws {
    let batches = try Batches(of: Array(0..<count), size: size)
    #expect(batches.map(\.count) == expected)
    #expect(batches.count == expected.count)
  }

  @Test func batchesGoThroughTheOrderOnce() throws {
    let order = try EpochShuffle(count: 23, seed: 2, epoch: 4).order
    #expect(try Array(Batches(of: order, size: 5).joined()) == order)
    #expect(try Batches(of: order, size: 5)[4] == order[20..<23])
  }

  @Test(arguments: [0, -1, Int.min])
  func sizeThatIsNotPositive(size: Int) {
    #expect(throws: ShapeError.notPositive("the batch size", value: size)) {
      try Batches(of: [0, 1], size: size)
    }
  }

  @Test func sizeThatIsTooLarge() {
    #expect(throws: ShapeError.tooLarge("the batch size", value: .max)) {
      try Batches(of: [0, 1], size: .max)
    }
  }
}
