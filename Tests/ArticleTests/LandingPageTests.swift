import ConvNet
import Im2col
import Testing

/// The snippets of the catalogs' first pages.
struct LandingPageTests {
  @Test func im2col() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin landing
    let images = try Tensor(repeating: 1, shape: [8, 28, 28, 3])
    let kernel = try Tensor(repeating: 0.1, shape: [5, 5, 3, 16])
    let output = try convolve(images, kernel: kernel, padding: .same)
    let gradients = try convolutionGradients(
      of: output, input: images, kernel: kernel, padding: .same)
    print(output.shape, gradients.kernel.shape)
    // article: end
    try Article("Im2col/Im2col").expect("landing", printed: transcript)
  }

  @Test func convNet() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin build
    let model = try Sequential(
      inputShape: [28, 28, 1],  // height, width, channels
      layers: [
        .convolution(
          filters: 6, kernel: 5, padding: .same, activation: .relu),
        .maxPooling(window: 2, stride: 2),
        .convolution(filters: 16, kernel: 5, activation: .relu),
        .maxPooling(window: 2, stride: 2),
        .flatten,
        .dense(units: 120, activation: .relu),
        .dense(units: 84, activation: .relu),
        .dense(units: 10, activation: .softmax),
      ])
    try model.compile(optimizer: .adam(), metrics: [.accuracy])

    // Four images, all of class 3.
    let images = try Tensor(repeating: 0.5, shape: [4, 28, 28, 1])
    let targets = try Tensor(
      shape: [4, 10], scalars: (0..<40).map { $0 % 10 == 3 ? 1 : 0 })
    let history = try model.fit(images, targets, batchSize: 2, epochs: 3)
    print(model.parameterCount, history.epochs[2].training.accuracy)
    print(try model.predict(images).shape)
    // article: end
    try Article("ConvNet/ConvNet").expect("build", printed: transcript)
  }
}
