import ConvNet
import Foundation
import Testing
import mnist

/// Recall, precision and confusions as text and JSON.
@Suite struct ClassResultsTests {
  private static let names = ["cat", "llama", "ox"]

  /// No prediction is an ox, and no image is a llama.
  private func results() throws -> ClassResults {
    var confusion = try ConfusionMatrix(classes: 3)
    for (label, prediction, count) in [(0, 0, 1234), (0, 1, 1), (2, 0, 7), (2, 1, 2)] {
      for _ in 0..<count { confusion.add(label: label, prediction: prediction) }
    }
    return ClassResults(confusion, names: Self.names)
  }

  @Test func table() throws {
    #expect(
      try results().lines == [
        "class  images  recall  precision",
        "cat     1,235  99.92%     99.44%",
        "llama       0       -      0.00%",
        "ox          9   0.00%          -",
        "",
        "ox predicted as cat: 7 times",
        "ox predicted as llama: 2 times",
        "cat predicted as llama: 1 time",
      ])
  }

  @Test func json() throws {
    var line = JSONLine()
    try results().add(to: &line)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.text.utf8)) as? [String: Any])
    #expect(object["classes"] as? [String] == Self.names)
    #expect(object["confusion"] as? [[Int]] == [[1234, 1, 0], [0, 0, 0], [7, 2, 0]])
    #expect(line.text.contains(#""recall":[0.9991902834008097,null,0]"#), "\(line.text)")
    #expect(line.text.contains(#""precision":[0.9943593875906527,0,null]"#), "\(line.text)")
    #expect(
      line.text.contains(#""worst_confusions":[{"count":7,"label":"ox","prediction":"cat"},"#),
      "\(line.text)")
  }

  @Test func aPerfectModelHasNoConfusions() throws {
    var confusion = try ConfusionMatrix(classes: 3)
    confusion.add(label: 1, prediction: 1)
    #expect(ClassResults(confusion, names: Self.names).lines.count == 4)
  }
}
