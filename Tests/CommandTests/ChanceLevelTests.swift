import ConvNet
import Foundation
import Testing
import mnist

/// The warning about runs that end no better than chance.
@Suite struct ChanceLevelTests {
  /// Predictions of 10 classes of 1,000 images each, all of one class but for some correct ones.
  private func matrix(correct: Int) throws -> ConfusionMatrix {
    var confusion = try ConfusionMatrix(classes: 10)
    for label in 0..<10 {
      for image in 0..<1000 {
        let isCorrect = label == 7 || label * 1000 + image < correct - 1000
        confusion.add(label: label, prediction: isCorrect ? label : 7)
      }
    }
    return confusion
  }

  @Test(arguments: [(1000, true), (1028, true), (1069, true), (1071, false), (5000, false)])
  func significance(correct: Int, isChance: Bool) throws {
    let confusion = try matrix(correct: correct)
    #expect((0..<10).map { confusion[$0, $0] }.reduce(0, +) == correct)
    #expect(ChanceLevel.includes(confusion) == isChance)
  }

  /// Always predicting the most frequent class is not better than chance.
  @Test func unequalClasses() throws {
    var confusion = try ConfusionMatrix(classes: 2)
    for _ in 0..<90 { confusion.add(label: 0, prediction: 0) }
    for _ in 0..<10 { confusion.add(label: 1, prediction: 0) }
    #expect(ChanceLevel.includes(confusion))
    #expect(try !ChanceLevel.includes(ConfusionMatrix(classes: 2)))
  }

  @Test func remedies() throws {
    let confusion = try matrix(correct: 1028)
    #expect(
      ChanceLevel.warning(confusion, accuracy: 0.1028, learningRate: 5)
        == "test accuracy 10.28% is no better than chance; lower --learning-rate (now 5.0)")
    #expect(
      ChanceLevel.warning(confusion, accuracy: 0.1028, learningRate: 0.001)?.hasSuffix(
        "train longer or on more images")
        == true)
    #expect(try ChanceLevel.warning(matrix(correct: 5000), accuracy: 0.5, learningRate: 5) == nil)
  }

  @Test func aModelThatLearnsNothing() throws {
    let data = try SmallMNIST()
    let train = ["train", "--data", data.path, "--epochs", "1", "--validation", "0", "--quiet"]
    let run = try MNISTCommandLine.run(train + ["--learning-rate", "1e-9"])
    #expect(run.status == 0 && run.output.hasPrefix("test accuracy"))
    #expect(
      run.messages.hasPrefix("warning: test accuracy ") && run.messages.contains("no better than chance"))
  }
}
