import ConvNet
import Im2col
import Testing

/// `evaluateEach` against `evaluate` and `predict`.
@Suite("Evaluation")
struct EvaluationTests {
  /// 37 images: two full micro-batches and a partial one; one full run of the layer-by-layer schedule and a
  /// partial one.
  private static let (images, classes) = (37, 5)

  private static func model(_ schedule: ExecutionSchedule, last: Activation) throws -> Sequential {
    let model = try Sequential(
      inputShape: [6, 7, 1],
      layers: [
        .convolution(filters: 3, kernel: 3, activation: .relu), .flatten,
        .dense(units: classes, activation: last),
      ], seed: 11)
    model.forcedSchedule = schedule
    model.options = ComputeOptions(workers: try Workers(2))
    return model
  }

  @Test(
    "one pass gives the results of evaluate and predict", arguments: ExecutionSchedule.allCases,
    [true, false])
  func onePass(_ schedule: ExecutionSchedule, endsInSoftmax: Bool) throws {
    let model = try Self.model(schedule, last: endsInSoftmax ? .softmax : .identity)
    let x = try RandomImages.tensor([Self.images, 6, 7, 1], seed: 12)
    let y = try RandomImages.labels(Self.images, classes: Self.classes, seed: 13)
    let evaluation = try model.evaluateEach(TensorData(x, y))
    #expect(try evaluation.score == model.evaluate(x, y))

    let outputs = try model.predict(x)
    let probabilities = endsInSoftmax ? outputs : try softmax(outputs)
    var confusion = try ConfusionMatrix(classes: Self.classes)
    try #require(evaluation.predictions.count == Self.images)
    for (image, prediction) in evaluation.predictions.enumerated() {
      let row = (0..<Self.classes).map { probabilities.scalars[image * Self.classes + $0] }
      let largest = try #require(row.indices.max { row[$0] < row[$1] })
      #expect(prediction.predicted == largest && prediction.probability == row[largest], "image \(image)")
      #expect(y.scalars[image * Self.classes + prediction.label] == 1, "image \(image)")
      confusion.add(label: prediction.label, prediction: prediction.predicted)
    }
    #expect(evaluation.confusion == confusion)
    #expect(confusion.correct == evaluation.score.correct && confusion.images == Self.images)
    #expect(evaluation.predictions.count(where: \.isCorrect) == confusion.correct)
    // Asymmetric, so that exchanged rows and columns would be detected.
    #expect((0..<Self.classes).contains { confusion.recall(of: $0) != confusion.precision(of: $0) })
  }

  @Test(
    "the prediction is the first of equal outputs, as in the score", arguments: ExecutionSchedule.allCases)
  func ties(_ schedule: ExecutionSchedule) throws {
    let model = try Self.model(schedule, last: .softmax)
    try model.setParameters(Array(repeating: 0, count: model.parameterCount))
    let x = try RandomImages.tensor([Self.images, 6, 7, 1], seed: 14)
    let y = try RandomImages.labels(Self.images, classes: Self.classes, seed: 15)
    let evaluation = try model.evaluateEach(TensorData(x, y))
    #expect(evaluation.predictions.allSatisfy { $0.predicted == 0 && $0.probability == 0.2 })
    #expect(evaluation.score.correct == evaluation.confusion.images(of: 0))
  }

  @Test("evaluating no images is an error")
  func empty() throws {
    let model = try Self.model(.microBatch, last: .softmax)
    let nothing = try TensorData(Tensor(zeros: [0, 6, 7, 1]), Tensor(zeros: [0, Self.classes]))
    #expect(throws: EngineError.self) { try model.evaluateEach(nothing) }
  }
}
