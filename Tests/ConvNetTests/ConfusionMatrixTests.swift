import ConvNet
import Im2col
import Testing

@Suite("Confusion matrix")
struct ConfusionMatrixTests {
  /// Creates a matrix from its counts, one row per label.
  private func matrix(_ rows: [[Int]]) throws -> ConfusionMatrix {
    var matrix = try ConfusionMatrix(classes: rows.count)
    for (label, row) in rows.enumerated() {
      for (prediction, count) in row.enumerated() {
        for _ in 0..<count { matrix.add(label: label, prediction: prediction) }
      }
    }
    return matrix
  }

  @Test("rows are labels, columns predictions")
  func orientation() throws {
    let counts = try matrix([[97, 0, 3], [1, 98, 2], [0, 5, 95]])
    #expect(counts.counts == [97, 0, 3, 1, 98, 2, 0, 5, 95])
    #expect(counts[0, 2] == 3 && counts[2, 0] == 0 && counts[2, 1] == 5)
    #expect(counts.images == 301 && counts.correct == 290)
    #expect((0..<3).map { counts.images(of: $0) } == [100, 101, 100])
    #expect((0..<3).map { counts.predictions(of: $0) } == [98, 103, 100])
    let recalls: [Double?] = [97 / 100, 98 / 101, 95 / 100]
    let precisions: [Double?] = [97 / 98, 98 / 103, 95 / 100]
    #expect((0..<3).map { counts.recall(of: $0) } == recalls)
    #expect((0..<3).map { counts.precision(of: $0) } == precisions)
  }

  @Test("recall and precision are nil for classes without images or predictions")
  func undefinedRatios() throws {
    let counts = try matrix([[4, 0, 0], [2, 0, 0], [0, 0, 0]])
    #expect(counts.recall(of: 0) == 1 && counts.recall(of: 1) == 0 && counts.recall(of: 2) == nil)
    #expect(counts.precision(of: 0) == 4.0 / 6 && counts.precision(of: 1) == nil)
    let empty = try ConfusionMatrix(classes: 3)
    #expect(empty.images == 0 && empty.correct == 0 && empty.mostFrequentConfusions(9).isEmpty)
  }

  @Test("confusions are in descending order, ties in the order of their classes")
  func mostFrequent() throws {
    let counts = try matrix([[9, 2, 7, 2], [2, 0, 0, 1], [0, 8, 1, 0], [2, 0, 0, 0]])
    let sorted = [(2, 1, 8), (0, 2, 7), (0, 1, 2), (0, 3, 2), (1, 0, 2), (3, 0, 2), (1, 3, 1)].map {
      ConfusionMatrix.Confusion(label: $0, prediction: $1, count: $2)
    }
    #expect(counts.mostFrequentConfusions(100) == sorted)
    #expect(counts.mostFrequentConfusions(3) == Array(sorted.prefix(3)))
    #expect(counts.mostFrequentConfusions(0).isEmpty && counts.mostFrequentConfusions(-1).isEmpty)
  }

  @Test("matrices can be added")
  func sum() throws {
    var total = try matrix([[1, 2], [3, 4]])
    total += try matrix([[10, 20], [30, 40]])
    #expect(try total == matrix([[11, 22], [33, 44]]))
  }

  @Test("invalid numbers of classes are errors", arguments: [0, -3, 1 << 31, Int.max, 1 << 24])
  func invalid(classes: Int) {
    #expect(throws: EngineError.self) { try ConfusionMatrix(classes: classes) }
  }
}
