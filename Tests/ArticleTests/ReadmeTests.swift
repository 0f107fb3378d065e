import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import MNISTData
import Testing

/// The Swift that README.md shows, compiled and run.
struct ReadmeTests {
  private static let readme = Package.root.appendingPathComponent("README.md")

  #if DEBUG
    private static let isRelease = false
  #else
    private static let isRelease = true
  #endif

  /// Five epochs on 60,000 images take seconds in a release build, and minutes in a debug build.
  @Test(
    "LeNet-5 learns the digits, and comes back from its file",
    .enabled("needs MNIST_DIR and a release build") {
      isRelease && ProcessInfo.processInfo.environment["MNIST_DIR"] != nil
    })
  func leNet5() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("lenet5.safetensors").path
    let transcript = Transcript()
    let print = transcript.print
    // article: begin readme-lenet5
    let data = try MNISTDataset(at: MNISTLocation.findOrDownload())
    let model = try Sequential(
      inputShape: [28, 28, 1],
      layers: [
        .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu),
        .maxPooling(window: 2),
        .convolution(filters: 16, kernel: 5, activation: .relu),
        .maxPooling(window: 2),
        .flatten,
        .dense(units: 120, activation: .relu),
        .dense(units: 84, activation: .relu),
        .dense(units: 10, activation: .softmax),
      ])
    try model.compile(optimizer: .adam(), metrics: [.accuracy])
    try model.fit(data.train, batchSize: 32, epochs: 5)
    print(try model.evaluate(data.test).accuracy)

    let file = try ModelFile(model, classNames: data.train.classNames)
    try file.write(to: path)
    let loaded = try ModelFile(contentsOf: path).model()
    let probabilities = try loaded.predict(data.test[0..<3].tensor())
    // article: end
    #expect(try #require(Double(transcript.text)) > 0.98)
    #expect(try probabilities == model.predict(data.test[0..<3].tensor()))
  }

  @Test func functionsOnTensors() throws {
    let images = try Tensor(shape: [2, 9, 7, 1], scalars: (0..<126).map { Float($0 % 11) })
    // article: begin readme-functions
    let kernel = try Tensor(repeating: 0.04, shape: [5, 5, 1, 1])
    let blurred = try convolve(images, kernel: kernel, padding: .same)
    let halved = try pool(blurred, .max, window: 2, stride: 2)
    let outputGradient = try Tensor(repeating: 1, shape: blurred.shape)
    let gradients = try convolutionGradients(
      of: outputGradient, input: images, kernel: kernel, padding: .same)
    // article: end
    #expect(blurred.shape == images.shape && halved.shape == [2, 4, 3, 1])
    #expect(gradients.input.shape == images.shape && gradients.kernel.shape == kernel.shape)
  }

  @Test(arguments: ["readme-lenet5", "readme-functions"])
  func theReadmeShowsWhatIsTested(snippet: String) throws {
    let code = try Snippet.named(snippet, in: #filePath)
    let blocks = try Article(file: Self.readme).blocks.filter { $0.language == "swift" }
    #expect(blocks.contains { $0.text.hasSuffix(code) }, "README.md does not show \(snippet):\n\(code)")
  }
}
