import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import Im2colReference
import TestSupport
import Testing

/// The README's lines for PyTorch and Keras, run as they stand there by `Tests/Interchange/interchange.py`: they give
/// the same probabilities with our model, and we give the same with theirs. Skipped, and reported as such, where the
/// Python of `SAFETENSORS_PYTHON` has no such package.
@Suite struct InterchangeTests {
  @Test(
    .enabled(if: Python.has("torch"), "needs a Python with torch and safetensors; see SAFETENSORS_PYTHON"))
  func pytorch() throws { try bothDirections("pytorch") }

  @Test(
    .enabled(if: Python.has("keras"), "needs a Python with keras and safetensors; see SAFETENSORS_PYTHON"))
  func keras() throws { try bothDirections("keras") }

  private static let batch = 33

  private func bothDirections(_ framework: String) throws {
    let folder = try TemporaryFolder()
    let seed: UInt64 = 5
    var random = SplitMix64(seed: seed)
    func numbers(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
      (0..<count).map { _ in Float.random(in: range, using: &random) }
    }
    let images = try Tensor(shape: [Self.batch, 28, 28, 1], scalars: numbers(Self.batch * 784, 0...1))
    let labels = try Tensor(
      shape: [Self.batch], scalars: (0..<Self.batch).map { _ in Float(random.next() % 10) })
    try SafetensorsFile([("images", images), ("labels", labels)]).write(to: folder.file("images.safetensors"))

    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: seed)
    // Biases that are zero could get lost unseen.
    try model.setParameterTensors(
      model.parameterTensors.map { parameter in
        guard parameter.name.hasSuffix(".bias") else { return parameter }
        let shape = parameter.tensor.shape
        return NamedTensor(
          name: parameter.name, tensor: try Tensor(shape: shape, scalars: numbers(shape[0], -0.5...0.5)))
      })
    try ModelFile(model).write(to: folder.file("lenet5.safetensors"))

    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let script = try String(
      contentsOf: tests.appendingPathComponent("Interchange/interchange.py"), encoding: .utf8)
    let readme = tests.deletingLastPathComponent().appendingPathComponent("README.md").path
    _ = try Python.run(script, [framework, readme, folder.path])

    let theirs = try ModelFile(contentsOf: folder.file("theirs.safetensors"))
    #expect(try theirs.digest != ModelFile(model).digest, "\(framework) has not trained")
    let answers = try SafetensorsFile(contentsOf: folder.file("probabilities.safetensors"))
    for (name, model) in [("ours", model), ("theirs", try theirs.model())] {
      let expected = try model.predict(images)
      let actual = try #require(answers[name])
      try #require(actual.shape == expected.shape)
      let worst = zip(actual.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst <= 1e-5, "\(framework), \(name), seed \(seed): \(worst)")
      // A network that says the same to every image would hide a wrong order.
      let first = stride(from: 0, to: expected.count, by: 10).map { expected.scalars[$0] }
      #expect((first.max() ?? 0) - (first.min() ?? 0) > 1e-3, "\(framework), \(name)")
    }
  }
}
