import ConvNet
import Foundation
import Im2col
import MNISTData
import Testing

/// The snippets of `TrainingLeNet5.md`.
struct TrainingArticleTests {
  @Test func lossAdamAndInitialization() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin loss
    let logits = try Tensor(shape: [1, 3], scalars: [2, 1, 0])
    let labels = try Tensor(shape: [1, 3], scalars: [1, 0, 0])  // class 0
    let (loss, probabilities, gradient) = try softmaxCrossEntropy(
      logits: logits, labels: labels)
    func rounded(_ numbers: [Float]) -> [Float] {
      numbers.map { ($0 * 10_000).rounded() / 10_000 }
    }
    print(rounded([Float(loss)]))
    print(rounded(probabilities.scalars))
    print(rounded(gradient.scalars))
    // article: end
    let lossOutput = transcript.take()
    // article: begin adam
    let adam = Optimizer.adam(learningRate: 0.001)
    var parameters: [Float] = [0, 0]
    var state = adam.initialState(parameters: 2)
    try adam.update(
      parameters: &parameters, gradients: [1000, -0.001], state: &state)
    print(rounded(parameters))
    // article: end
    let adamOutput = transcript.take()
    // article: begin init
    let values = try Initializer.heNormal.values(
      shape: [5, 5, 6, 16], fanIn: 150, fanOut: 400,
      seed: 0, parameterIndex: 2)
    let squares = values.scalars.map { $0 * $0 }.reduce(0, +)
    func thousandths(_ number: Float) -> Float {
      (number * 1000).rounded() / 1000
    }
    print(thousandths(squares / Float(values.count)))
    print(thousandths(2.0 / 150))
    // article: end
    let article = try Article("ConvNet/TrainingLeNet5")
    try article.expect("loss", printed: lossOutput)
    try article.expect("adam", printed: adamOutput)
    try article.expect("init", printed: transcript)
  }

  /// Needs images: those of `MNIST_DIR`, the cache, or Debian's package; skipped where there are none.
  @Test(.enabled(if: (try? MNISTLocation.find()) != nil)) func training() throws {
    // article: begin train
    // 60,000 training images and 10,000 test images
    let dataset = try MNISTDataset(at: MNISTLocation.find())
    let (training, validation) = try dataset.train.split(
      validation: 10_000)
    // compiled with Adam, cross-entropy, accuracy
    let model: Sequential = try lenet5(seed: 0)
    // article: end
    // A few images are enough to see that it runs.
    let (some, few) = (training[0..<64], validation[0..<32])
    try Self.fit(model, training: some, validation: few, test: dataset.test[0..<32])
    try Article("ConvNet/TrainingLeNet5").expect("train")
    try Article("ConvNet/TrainingLeNet5").expect("fit")
  }

  @Test func lossesOfTheFirstEpoch() throws {
    struct Line: Decodable { let loss, validation_loss: Double? }
    let first = try (0..<5).map { seed in
      let file = Package.root.appendingPathComponent("Benchmarks/measured/learning-seed\(seed).jsonl")
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      // Files may begin with a line about how they were measured.
      return try #require(
        lines.lazy.compactMap { try? JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
          .first { $0.loss != nil })
    }
    let (training, validation) = (
      first.compactMap(\.loss).reduce(0, +) / 5, first.compactMap(\.validation_loss).reduce(0, +) / 5
    )
    let text = String(
      format: "the mean training loss is %.2f and the validation loss %.2f", training, validation)
    #expect(try Article("ConvNet/TrainingLeNet5").prose.contains(text), "the text should say: \(text)")
  }

  private static func fit(
    _ model: Sequential, training: LabeledImages, validation: LabeledImages, test: LabeledImages
  ) throws {
    // article: begin fit
    let history = try model.fit(
      training, batchSize: 32, epochs: 5, validationData: validation)
    let score = try model.evaluate(test)  // dataset.test
    // article: end
    #expect(history.epochs.count == 5 && score.images == test.count)
  }
}
