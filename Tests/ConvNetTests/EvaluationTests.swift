import ConvNet
import Im2col
import Testing

/// The answers that come with a score, against `evaluate` and `predict`.
@Suite("Evaluation")
struct EvaluationTests {
  /// 37 images: two whole chunks and a part of one; 35 make a run of the layer road and a part of one.
  private static let (images, classes) = (37, 5)

  private static func model(_ road: RoadKind, last: Activation) throws -> Sequential {
    let model = try Sequential(
      inputShape: [6, 7, 1],
      layers: [
        .convolution(filters: 3, kernel: 3, activation: .relu), .flatten,
        .dense(units: classes, activation: last),
      ], seed: 11)
    model.forcedRoad = road
    model.options = ComputeOptions(workers: try Workers(2))
    return model
  }

  @Test("one pass gives what evaluate and predict give", arguments: RoadKind.allCases, [true, false])
  func onePass(_ road: RoadKind, endsInSoftmax: Bool) throws {
    let model = try Self.model(road, last: endsInSoftmax ? .softmax : .identity)
    let x = try RandomImages.tensor([Self.images, 6, 7, 1], seed: 12)
    let y = try RandomImages.labels(Self.images, classes: Self.classes, seed: 13)
    let evaluation = try model.evaluateEach(TensorData(x, y))
    #expect(try evaluation.score == model.evaluate(x, y))

    let outputs = try model.predict(x)
    let shares = endsInSoftmax ? outputs : try softmax(outputs)
    var confusion = try ConfusionMatrix(classes: Self.classes)
    try #require(evaluation.answers.count == Self.images)
    for (image, answer) in evaluation.answers.enumerated() {
      let row = (0..<Self.classes).map { shares.scalars[image * Self.classes + $0] }
      let prediction = try #require(row.indices.max { row[$0] < row[$1] })
      #expect(answer.prediction == prediction && answer.probability == row[prediction], "image \(image)")
      #expect(y.scalars[image * Self.classes + answer.label] == 1, "image \(image)")
      confusion.add(label: answer.label, prediction: answer.prediction)
    }
    #expect(evaluation.confusion == confusion)
    #expect(confusion.hits == evaluation.score.hits && confusion.images == Self.images)
    #expect(evaluation.answers.count(where: \.isRight) == confusion.hits)
    // Otherwise the test above would not see rows and columns swapped.
    #expect((0..<Self.classes).contains { confusion.recall(of: $0) != confusion.precision(of: $0) })
  }

  @Test("equal outputs: the first one is the prediction, as for hits", arguments: RoadKind.allCases)
  func ties(_ road: RoadKind) throws {
    let model = try Self.model(road, last: .softmax)
    try model.setParameters(Array(repeating: 0, count: model.parameterCount))
    let x = try RandomImages.tensor([Self.images, 6, 7, 1], seed: 14)
    let y = try RandomImages.labels(Self.images, classes: Self.classes, seed: 15)
    let evaluation = try model.evaluateEach(TensorData(x, y))
    #expect(evaluation.answers.allSatisfy { $0.prediction == 0 && $0.probability == 0.2 })
    #expect(evaluation.score.hits == evaluation.confusion.images(of: 0))
  }

  @Test("no images have no evaluation")
  func empty() throws {
    let model = try Self.model(.chunks, last: .softmax)
    let nothing = try TensorData(Tensor(zeros: [0, 6, 7, 1]), Tensor(zeros: [0, Self.classes]))
    #expect(throws: EngineError.self) { try model.evaluateEach(nothing) }
  }
}
