import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import Im2colReference
import TestSupport
import Testing

/// The listings of `WeightsInPython.md`, run by `Tests/Interchange/interchange.py`: PyTorch and Keras give the same
/// probabilities with a model of this package, and this package gives the same with theirs. Skipped, and reported as
/// such, where the Python of `SAFETENSORS_PYTHON` lacks the framework.
@Suite struct InterchangeTests {
  @Test(
    .enabled(if: Python.has("torch"), "needs a Python with torch and safetensors; see SAFETENSORS_PYTHON"))
  func pytorch() throws { try bothDirections("pytorch") }

  @Test(
    .enabled(if: Python.has("keras"), "needs a Python with keras and safetensors; see SAFETENSORS_PYTHON"))
  func keras() throws { try bothDirections("keras") }

  private func bothDirections(_ framework: String) throws {
    let folder = try TemporaryFolder()
    let seed: UInt64 = 5
    let samples = try InterchangeSamples(seed: seed)
    let (model, images) = (samples.model, samples.images)
    let labels = try Tensor(shape: [samples.classes.count], scalars: samples.classes.map(Float.init))
    try SafetensorsFile([("images", images), ("labels", labels)]).write(to: folder.file("images.safetensors"))
    try ModelFile(model).write(to: folder.file("lenet5.safetensors"))
    try Interchange.run("interchange.py", framework, in: folder)

    let theirs = try ModelFile(contentsOf: folder.file("theirs.safetensors"))
    #expect(try theirs.digest != ModelFile(model).digest, "\(framework) has not trained")
    let predictions = try SafetensorsFile(contentsOf: folder.file("probabilities.safetensors"))
    for (name, model) in [("ours", model), ("theirs", try theirs.model())] {
      let expected = try model.predict(images)
      let worst = try largestDifference(#require(predictions[name]), expected)
      #expect(worst <= 1e-5, "\(framework), \(name), seed \(seed): \(worst)")
      // A network with the same output for every image would hide a wrong order.
      let first = stride(from: 0, to: expected.count, by: 10).map { expected.scalars[$0] }
      #expect((first.max() ?? 0) - (first.min() ?? 0) > 1e-3, "\(framework), \(name)")
    }
  }
}
