import ConvNet
import Im2col
import Testing

/// The snippets of `LeNet5LayerByLayer.md`.
struct LayersArticleTests {
  @Test func layersAndTheSameByHand() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin layers
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    for row in model.summaryRows { print(row.name, row.outputShape, row.parameters) }
    print("parameters:", model.parameterCount)
    // article: end
    let layers = transcript.take()
    // article: begin byhand
    let p = Dictionary(uniqueKeysWithValues: model.parameterTensors.map { ($0.name, $0.tensor) })
    func kernel(_ layer: String) throws -> Tensor { try #require(p["\(layer).kernel"]) }
    func bias(_ layer: String) throws -> Tensor { try #require(p["\(layer).bias"]) }

    let image = try Tensor(shape: [1, 28, 28, 1], scalars: (0..<784).map { Float($0 % 29) / 28 })
    let conv1 = try convolve(
      image, kernel: kernel("conv1"), bias: bias("conv1"), activation: .relu, padding: .same)
    let pool1 = try pool(conv1, .max, window: 2, stride: 2)
    let conv2 = try convolve(
      pool1, kernel: kernel("conv2"), bias: bias("conv2"), activation: .relu, padding: .valid)
    let pool2 = try pool(conv2, .max, window: 2, stride: 2)
    let flat = try pool2.reshaped(to: [1, 400])
    let dense1 = try dense(flat, kernel: kernel("dense1"), bias: bias("dense1"), activation: .relu)
    let dense2 = try dense(dense1, kernel: kernel("dense2"), bias: bias("dense2"), activation: .relu)
    let byHand = try dense(dense2, kernel: kernel("dense3"), bias: bias("dense3"), activation: .softmax)

    let predicted = try model.predict(image)
    let differences = zip(byHand.scalars, predicted.scalars).map { abs($0 - $1) }
    print(differences.allSatisfy { $0 < 1e-6 })
    // article: end
    let article = try Article("ConvNet/LeNet5LayerByLayer")
    try article.expect("layers", printed: layers)
    try article.expect("byhand", printed: transcript)
  }
}
