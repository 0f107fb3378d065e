import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

/// The programs of `TheSameNetworkFourTimes.md`, run by `Tests/Interchange/four_times.py`. With the same weights they
/// give the same probabilities as this package, and the same parameters after one update by Adam. Skipped, and reported
/// as such, where the Python of `SAFETENSORS_PYTHON` lacks the framework.
@Suite struct FourTimesTests {
  @Test(
    .enabled(
      if: Python.has("tensorflow"), "needs a Python with tensorflow and safetensors; see SAFETENSORS_PYTHON"))
  func tensorFlow1() throws {
    let samples = try InterchangeSamples(seed: 6)
    let (x, y) = (Placeholder("x", shape: [nil, 28, 28, 1]), Placeholder("y", shape: [nil, 10]))
    let graph = try lenet5(x, y)
    try graph.model.setParameterTensors(samples.model.parameterTensors)
    // Adam divides by 3e-7 where a gradient is near zero (epsilon 1e-8 in the first update), which multiplies the
    // rounding error of such a gradient by 3,000.
    try compare("tensorflow1", samples, tolerance: 1e-4) {
      _ = try graph.run([graph.train], feeding: [x: samples.images, y: samples.oneHot()])
      return graph.model.parameterTensors
    }
  }

  @Test(
    .enabled(if: Python.has("keras"), "needs a Python with keras and safetensors; see SAFETENSORS_PYTHON"))
  func keras() throws { try compareModel("keras") }

  @Test(
    .enabled(if: Python.has("torch"), "needs a Python with torch and safetensors; see SAFETENSORS_PYTHON"))
  func pytorch() throws { try compareModel("pytorch") }

  private func compareModel(_ framework: String) throws {
    let samples = try InterchangeSamples(seed: 7)
    let model: Sequential = try lenet5()
    try model.setParameterTensors(samples.model.parameterTensors)
    try compare(framework, samples) {
      try model.trainOnBatch(samples.images, samples.oneHot())
      return model.parameterTensors
    }
  }

  private func compare(
    _ framework: String, _ samples: InterchangeSamples, tolerance: Float = 1e-5,
    update: () throws -> [NamedTensor]
  ) throws {
    let folder = try TemporaryFolder()
    try ModelFile(samples.model).write(to: folder.file("lenet5.safetensors"))
    try SafetensorsFile([("images", samples.images), ("labels", samples.oneHot())])
      .write(to: folder.file("batch.safetensors"))
    try Interchange.run("four_times.py", framework, in: folder)

    let results = try SafetensorsFile(contentsOf: folder.file("results.safetensors"))
    let probabilities = try largestDifference(
      #require(results["probabilities"]), samples.model.predict(samples.images))
    #expect(probabilities <= 1e-5, "\(framework): the probabilities differ by \(probabilities)")
    for (before, after) in zip(samples.model.parameterTensors, try update()) {
      let theirs = try #require(results[after.name])
      // The update moves most parameters by the learning rate, 0.001.
      #expect(largestDifference(before.tensor, after.tensor) > 5e-4, "\(after.name) was not updated")
      let difference = largestDifference(theirs, after.tensor)
      #expect(difference <= tolerance, "\(framework): \(after.name) differs by \(difference) after an update")
    }
  }
}
