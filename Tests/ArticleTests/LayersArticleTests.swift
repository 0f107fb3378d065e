import ConvNet
import Im2col
import Testing

/// The snippets of `LeNet5LayerByLayer.md`.
struct LayersArticleTests {
  @Test func layersAndTheSameByHand() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin layers
    let model = try Sequential(
      inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    for row in model.summaryRows {
      print(row.name, row.outputShape, row.parameters)
    }
    print("parameters:", model.parameterCount)
    // article: end
    let layers = transcript.take()
    // article: begin byhand
    // The kernels and biases of conv1, conv2, dense1, dense2, dense3.
    let p = model.parameterTensors.map(\.tensor)

    // Any image will do.
    let image = try Tensor(
      shape: [1, 28, 28, 1], scalars: (0..<784).map { Float($0 % 29) / 28 })
    let conv1 = try convolve(
      image, kernel: p[0], bias: p[1], activation: .relu, padding: .same)
    let pool1 = try pool(conv1, .max, window: 2, stride: 2)
    let conv2 = try convolve(
      pool1, kernel: p[2], bias: p[3], activation: .relu, padding: .valid)
    let pool2 = try pool(conv2, .max, window: 2, stride: 2)
    let flat = try pool2.reshaped(to: [1, 400])
    let dense1 = try dense(
      flat, kernel: p[4], bias: p[5], activation: .relu)
    let dense2 = try dense(
      dense1, kernel: p[6], bias: p[7], activation: .relu)
    let logits = try dense(dense2, kernel: p[8], bias: p[9])
    let byHand = try activate(logits, .softmax)

    let predicted = try model.predict(image)
    let differences = zip(byHand.scalars, predicted.scalars)
      .map { abs($0 - $1) }
    print(differences.allSatisfy { $0 < 1e-6 })
    // article: end
    let forward = transcript.take()
    // article: begin back
    // The target is 3.
    let labels = try Tensor(
      shape: [1, 10], scalars: (0..<10).map { $0 == 3 ? 1 : 0 })
    let loss = try softmaxCrossEntropy(logits: logits, labels: labels)

    let dense3Gradient = try denseGradients(
      of: loss.gradient, input: dense2, kernel: p[8])  // [1, 84]
    let relu2 = try activationGradient(
      of: dense3Gradient.input, output: dense2, .relu)  // [1, 84]
    let dense2Gradient = try denseGradients(
      of: relu2, input: dense1, kernel: p[6])  // [1, 120]
    let relu1 = try activationGradient(
      of: dense2Gradient.input, output: dense1, .relu)  // [1, 120]
    let dense1Gradient = try denseGradients(
      of: relu1, input: flat, kernel: p[4])  // [1, 400]

    let unpooled2 = try poolingGradient(  // [1, 10, 10, 16]
      of: dense1Gradient.input.reshaped(to: [1, 5, 5, 16]),
      input: conv2, .max, window: 2, stride: 2)
    let conv2Gradient = try convolutionGradients(  // [1, 14, 14, 6]
      of: activationGradient(of: unpooled2, output: conv2, .relu),
      input: pool1, kernel: p[2], padding: .valid)
    let unpooled1 = try poolingGradient(  // [1, 28, 28, 6]
      of: conv2Gradient.input, input: conv1, .max, window: 2, stride: 2)
    let conv1Gradient = try convolutionGradients(
      of: activationGradient(of: unpooled1, output: conv1, .relu),
      input: image, kernel: p[0], padding: .same)

    for gradient in [
      conv1Gradient.kernel, conv2Gradient.kernel,
      dense1Gradient.kernel, dense2Gradient.kernel,
      dense3Gradient.kernel,
    ] {
      print(gradient.shape)
    }
    // article: end
    let shapes = transcript.take()
    // article: begin inmodel
    try model.compile()
    let inModel = try model.gradients(image, labels).gradients
    print(
      zip(conv1Gradient.kernel.scalars, inModel[0..<150])
        .allSatisfy { abs($0 - $1) < 1e-4 },
      inModel[0..<150].contains { $0 != 0 })
    // article: end
    let article = try Article("ConvNet/LeNet5LayerByLayer")
    try article.expect("layers", printed: layers)
    try article.expect("byhand", printed: forward)
    try article.expect("back", printed: shapes)
    try article.expect("inmodel", printed: transcript)
  }
}
