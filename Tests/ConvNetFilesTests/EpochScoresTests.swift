import ConvNet
import ConvNetFiles
import Testing

/// The history of a training run in its model file.
@Suite struct EpochScoresTests {
  private func file(_ history: [EpochScores]) throws -> ModelFile {
    let model = try Sequential(inputShape: [3], layers: [.dense(units: 2, activation: .softmax)])
    return try ModelFile(model, history: history)
  }

  private let training = Score(lossSum: 7, correct: 3, images: 8)

  @Test func everyBitComesBack() throws {
    let history = (1...7).map {
      EpochScores(
        training: Score(lossSum: 1 / Double($0), correct: $0, images: 13),
        validation: $0 % 2 == 0 ? nil : Score(lossSum: Double($0).squareRoot(), correct: 0, images: $0))
    }
    let kept = try file(history)
    let again = try ModelFile(kept.safetensors())
    #expect(again == kept && again.history == history)
    #expect(try file([]).safetensors().metadata["history"] == nil)
  }

  @Test func keysEqualThoseOfTheLogs() throws {
    let validation = Score(lossSum: 1, correct: 1, images: 2)
    let metadata = try file([EpochScores(training: training, validation: validation)]).safetensors().metadata
    #expect(
      metadata["history"]
        == #"[{"accuracy":0.375,"loss":0.875,"validation_accuracy":0.5,"validation_loss":0.5}]"#)
  }

  @Test func impossibleNumbersAreRefused() throws {
    let whole = try file([EpochScores(training: training, validation: nil)]).safetensors()
    for text in [
      #"[{"loss":-1,"accuracy":0.5}]"#, #"[{"loss":1,"accuracy":1.5}]"#, #"[{"loss":1}]"#, "7",
      #"[{"loss":1,"accuracy":0.5,"validation_loss":1}]"#, #"[{"loss":1e999,"accuracy":0.5}]"#,
    ] {
      var metadata = whole.metadata
      metadata["history"] = text
      let file = try SafetensorsFile(whole.entries.map { ($0.name, $0.tensor) }, metadata: metadata)
      #expect(throws: ModelFileError.self, "\(text)") { try ModelFile(file) }
    }
  }

  /// An epoch without images has no mean loss.
  @Test func anEmptyEpochIsRefused() {
    #expect(throws: ModelFileError.self) { try file([EpochScores(training: Score(), validation: nil)]) }
  }

  @Test func longTrainingsKeepTheLastEpochs() throws {
    let history = (0..<10_050).map {
      EpochScores(training: Score(lossSum: Double($0), correct: 0, images: 1), validation: nil)
    }
    #expect(try file(history).history == Array(history.suffix(10_000)))
  }
}
