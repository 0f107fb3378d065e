import ConvNet
import Foundation
import Im2col
import MNISTData
import Testing

/// The snippets of `TrainingLeNet5.md`.
struct TrainingArticleTests {
  @Test func lossAdamAndFirstValues() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin loss
    let logits = try Tensor(shape: [1, 3], scalars: [2, 1, 0])
    let labels = try Tensor(shape: [1, 3], scalars: [1, 0, 0])  // class 0
    let (loss, probabilities, gradient) = try softmaxCrossEntropy(logits: logits, labels: labels)
    func rounded(_ numbers: [Float]) -> [Float] { numbers.map { ($0 * 10_000).rounded() / 10_000 } }
    print(rounded([Float(loss)]))
    print(rounded(probabilities.scalars))
    print(rounded(gradient.scalars))
    // article: end
    let lossOutput = transcript.take()
    // article: begin adam
    let adam = Optimizer.adam(learningRate: 0.001)
    var parameters: [Float] = [0, 0]
    var state = adam.freshState(parameters: 2)
    try adam.update(parameters: &parameters, gradients: [1000, -0.001], state: &state)
    print(rounded(parameters))
    // article: end
    let adamOutput = transcript.take()
    // article: begin init
    let values = try Initializer.heNormal.values(
      shape: [5, 5, 6, 16], fanIn: 150, fanOut: 400, seed: 0, parameter: 2)
    let squares = values.scalars.map { $0 * $0 }.reduce(0, +)
    print((squares / Float(values.count) * 1000).rounded() / 1000, (2.0 / 150 * 1000).rounded() / 1000)
    // article: end
    let article = try Article("ConvNet/TrainingLeNet5")
    try article.expect("loss", printed: lossOutput)
    try article.expect("adam", printed: adamOutput)
    try article.expect("init", printed: transcript)
  }

  /// Needs images: those of `MNIST_DIR`, the cache, or Debian's package; skipped where there are none.
  @Test(.enabled(if: (try? MNISTLocation.find()) != nil)) func training() throws {
    // article: begin train
    let dataset = try MNISTDataset(at: MNISTLocation.find())  // 60,000 images and 10,000
    let (training, validation) = try dataset.train.split(validation: 10_000)
    let model: Sequential = try lenet5(seed: 0)  // compiled with Adam, cross-entropy, accuracy
    // article: end
    // A few images are enough to see that it runs.
    let (some, few) = (training[0..<64], validation[0..<32])
    try Self.fit(model, training: some, validation: few, test: dataset.test[0..<32])
    try Article("ConvNet/TrainingLeNet5").expect("train")
    try Article("ConvNet/TrainingLeNet5").expect("fit")
  }

  private static func fit(
    _ model: Sequential, training: LabeledImages, validation: LabeledImages, test: LabeledImages
  ) throws {
    // article: begin fit
    let history = try model.fit(training, batchSize: 32, epochs: 5, validationData: validation)
    let score = try model.evaluate(test)  // dataset.test
    // article: end
    #expect(history.epochs.count == 5 && score.images == test.count)
  }
}
