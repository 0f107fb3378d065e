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
    let p = model.parameterTensors.map(\.tensor)  // kernel and bias of conv1, conv2, dense1, dense2, dense3

    let image = try Tensor(shape: [1, 28, 28, 1], scalars: (0..<784).map { Float($0 % 29) / 28 })
    let conv1 = try convolve(image, kernel: p[0], bias: p[1], activation: .relu, padding: .same)
    let pool1 = try pool(conv1, .max, window: 2, stride: 2)
    let conv2 = try convolve(pool1, kernel: p[2], bias: p[3], activation: .relu, padding: .valid)
    let pool2 = try pool(conv2, .max, window: 2, stride: 2)
    let flat = try pool2.reshaped(to: [1, 400])
    let dense1 = try dense(flat, kernel: p[4], bias: p[5], activation: .relu)
    let dense2 = try dense(dense1, kernel: p[6], bias: p[7], activation: .relu)
    let logits = try dense(dense2, kernel: p[8], bias: p[9])
    let byHand = try activate(logits, .softmax)

    let predicted = try model.predict(image)
    let differences = zip(byHand.scalars, predicted.scalars).map { abs($0 - $1) }
    print(differences.allSatisfy { $0 < 1e-6 })
    // article: end
    let forward = transcript.take()
    // article: begin back
    let labels = try Tensor(shape: [1, 10], scalars: (0..<10).map { $0 == 3 ? 1 : 0 })  // it shall be a 3
    let loss = try softmaxCrossEntropy(logits: logits, labels: labels)

    // Each line takes the gradient of a layer's output and gives that of its input.
    let g3 = try denseGradients(of: loss.gradient, input: dense2, kernel: p[8])
    let relu2 = try activationGradient(of: g3.input, output: dense2, .relu)
    let g2 = try denseGradients(of: relu2, input: dense1, kernel: p[6])
    let relu1 = try activationGradient(of: g2.input, output: dense1, .relu)
    let g1 = try denseGradients(of: relu1, input: flat, kernel: p[4])
    let spread = try poolingGradient(
      of: g1.input.reshaped(to: pool2.shape), input: conv2, .max, window: 2, stride: 2)
    let relu = try activationGradient(of: spread, output: conv2, .relu)
    let gradients = try convolutionGradients(of: relu, input: pool1, kernel: p[2], padding: .valid)

    try model.compile()
    let inModel = try model.gradients(image, labels).gradients[156..<156 + 2_400]  // behind conv1's 156
    print(
      zip(gradients.kernel.scalars, inModel).allSatisfy { abs($0 - $1) < 1e-5 }, inModel.contains { $0 != 0 })
    // article: end
    let article = try Article("ConvNet/LeNet5LayerByLayer")
    try article.expect("layers", printed: layers)
    try article.expect("byhand", printed: forward)
    try article.expect("back", printed: transcript)
  }
}
