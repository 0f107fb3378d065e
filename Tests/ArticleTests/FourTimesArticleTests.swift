import ConvNet
import Foundation
import Im2col
import MNISTData
import Testing

/// The Swift snippets of `TheSameNetworkFourTimes.md`, and the form of all Python listings. What the listings compute is
/// checked by `FourTimesTests` and `InterchangeTests`.
struct FourTimesArticleTests {
  private static let images: LabeledImages? = try? MNISTDataset(at: MNISTLocation.find()).train[0..<64]

  /// Needs images: those of `MNIST_DIR`, the cache, or Debian's package; skipped where there are none.
  @Test(.enabled(if: images != nil, "needs images; set MNIST_DIR")) func swift() throws {
    let images = try #require(Self.images)
    try Self.model(training: images, validation: images, test: images)
    try Self.graph(training: images, validation: images, test: images)
    let article = try Article("ConvNet/TheSameNetworkFourTimes")
    try article.expect("model")
    try article.expect("graph")
  }

  private static func model(
    training: LabeledImages, validation: LabeledImages, test: LabeledImages
  ) throws {
    let print = Transcript().print
    // article: begin model
    let model = try Sequential(
      inputShape: [28, 28, 1],
      layers: [
        .convolution(
          filters: 6, kernel: 5, padding: .same, activation: .relu,
          initializer: .heNormal),
        .maxPooling(window: 2),
        .convolution(
          filters: 16, kernel: 5, activation: .relu,
          initializer: .heNormal),
        .maxPooling(window: 2),
        .flatten,
        .dense(units: 120, activation: .relu, initializer: .heNormal),
        .dense(units: 84, activation: .relu, initializer: .heNormal),
        .dense(units: 10, activation: .softmax, initializer: .heNormal),
      ])
    try model.compile(
      optimizer: .adam(), loss: .categoricalCrossEntropy,
      metrics: [.accuracy])

    try model.fit(
      training, batchSize: 32, epochs: 5, validationData: validation)
    print(try model.evaluate(test))
    print(try model.predict(test[0..<1].tensor()))
    // article: end

    // The text: `lenet5()` returns this model.
    let same: Sequential = try lenet5()
    try same.fit(training, batchSize: 32, epochs: 5, validationData: validation)
    #expect(same.parameters == model.parameters)
  }

  private static func graph(
    training: LabeledImages, validation: LabeledImages, test: LabeledImages
  ) throws {
    // article: begin graph
    let x = Placeholder("x", shape: [nil, 28, 28, 1])
    let y = Placeholder("y", shape: [nil, 10])
    let graph = try lenet5(x, y)

    for _ in 0..<5 {
      for start in stride(from: 0, to: training.count, by: 32) {
        let batch = training[start..<min(start + 32, training.count)]
        _ = try graph.run(
          [graph.train],
          feeding: [x: batch.tensor(), y: batch.oneHot()])
      }
    }
    let results = try graph.run(
      [graph.loss, graph.accuracy],
      feeding: [x: validation.tensor(), y: validation.oneHot()])
    let predicted = try graph.run(
      [graph.output], feeding: [x: test[0..<1].tensor()])
    // article: end
    #expect(results.loss != nil && results.accuracy != nil && results.output == nil)
    #expect(predicted.output?.shape == [1, 10])
  }

  /// Every listing begins with its file name, under which the scripts of `Tests/Interchange` find it.
  @Test func pythonListings() throws {
    let expected: [String: Set<String>] = [
      "TheSameNetworkFourTimes.md": ["digits.py", "tensorflow1.py", "keras_lenet5.py", "pytorch_lenet5.py"],
      "WeightsInPython.md": ["contents.py", "weights_keras.py", "weights_pytorch.py"],
    ]
    for article in try Article.all() {
      let listings = article.blocks.filter { $0.language == "python" }.map(\.text)
      let names = listings.map { text in
        String(text.prefix { $0 != "\n" }.dropFirst(2))
      }
      #expect(names.count == Set(names).count, "\(article)")
      #expect(Set(names) == expected[article.description, default: []], "\(article)")
      for line in listings.flatMap({ $0.split(separator: "\n") }) {
        #expect(line.count <= 72, "\(article) has a line of \(line.count) columns: \(line)")
      }
    }
  }

  /// The numbers of the article's paragraph on Adam.
  @Test func epsilonOfTheFirstUpdate() throws {
    let ratio = (1 - 0.999).squareRoot()
    let text = try Article("ConvNet/TheSameNetworkFourTimes").text
    #expect(text.contains(String(format: "%.4f", ratio)))
  }
}
