import ConvNet
import Im2col
import Testing

/// The library example of README.md; the README must contain these lines.
struct ReadmeExampleTests {
  @Test func exampleRuns() throws {
    let (images, labels) = try Self.stripes()
    // README: begin
    let model = try Sequential(
      inputShape: [28, 28, 1],
      layers: [
        .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu, initializer: .heNormal),
        .maxPooling(window: 2, stride: 2),
        .flatten,
        .dense(units: 10, activation: .softmax),
      ])
    try model.compile(optimizer: .adam(), metrics: [.accuracy])
    try model.fit(images, labels, batchSize: 32, epochs: 3)  // [n, 28, 28, 1] and one-hot [n, 10]
    let probabilities = try model.predict(images)  // [n, 10]

    let kernel = try Tensor(repeating: 0.04, shape: [5, 5, 1, 1])  // height, width, inputs, outputs
    let blurred = try convolve(images, kernel: kernel, padding: .same)
    let halved = try pool(blurred, .max, window: 2, stride: 2)
    let gradients = try convolutionGradients(of: blurred, input: images, kernel: kernel, padding: .same)
    // README: end
    #expect(probabilities.shape == [40, 10])
    #expect(halved.shape == [40, 14, 14, 1])
    #expect(gradients.kernel.shape == [5, 5, 1, 1])
    #expect(try model.evaluate(images, labels).accuracy > 0.5)
  }

  @Test func readmeContainsExample() throws { try expectReadmeShows() }

  /// Images `[40, 28, 28, 1]` with one bright row per class, and one-hot labels.
  private static func stripes() throws -> (Tensor, Tensor) {
    var images = try Tensor(repeating: 0, shape: [40, 28, 28, 1])
    var labels = try Tensor(repeating: 0, shape: [40, 10])
    for image in 0..<40 {
      let digit = image % 10
      for column in 0..<28 { images.scalars[(image * 28 + 2 * digit + 4) * 28 + column] = 1 }
      labels.scalars[image * 10 + digit] = 1
    }
    return (images, labels)
  }
}
