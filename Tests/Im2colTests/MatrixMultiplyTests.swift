import Im2col
import Im2colReference
import Testing

@Suite struct MatrixMultiplyTests {
  @Test("All four transpositions equal three loops", arguments: [false, true], [false, true])
  func equalsThreeLoops(transposeLeft: Bool, transposeRight: Bool) throws {
    var random = SplitMix64(seed: 11)
    for (rows, terms, columns) in [
      (1, 1, 1), (7, 5, 3), (1, 400, 9), (193, 17, 2), (400, 3, 33), (50, 700, 1),
    ] {
      let left = random.integers(transposeLeft ? [terms, rows] : [rows, terms])
      let right = random.integers(transposeRight ? [columns, terms] : [terms, columns])
      let expected = LoopNestDense.multiply(
        left, right, transposeLeft: transposeLeft, transposeRight: transposeRight)
      try #require(expected.areExactInFloat)
      let actual = try multiply(
        try left.rounded(), try right.rounded(), transposeLeft: transposeLeft,
        transposeRight: transposeRight, options: RandomCases.options(workers: 2))
      #expect(firstMismatch(actual, expected.sums) == nil, "\(rows)x\(terms)x\(columns)")
    }
  }

  @Test("No rows, no columns, or no terms")
  func empty() throws {
    func product(_ left: [Int], _ right: [Int]) throws -> Tensor {
      try multiply(try Tensor(repeating: 1, shape: left), try Tensor(repeating: 1, shape: right))
    }
    #expect(try product([0, 3], [3, 4]) == Tensor(repeating: 0, shape: [0, 4]))
    #expect(try product([2, 3], [3, 0]) == Tensor(repeating: 0, shape: [2, 0]))
    #expect(try product([2, 0], [0, 2]) == Tensor(repeating: 0, shape: [2, 2]))
  }

  @Test("A NaN reaches every element of its row, even in a product with zeros")
  func notANumber() throws {
    var left = try Tensor(repeating: 0, shape: [9, 5])
    left.scalars[3 * 5 + 2] = .nan
    let product = try multiply(left, try Tensor(repeating: 0, shape: [5, 4]))
    for (index, value) in product.scalars.enumerated() { #expect(value.isNaN == (index / 4 == 3)) }
  }
}
