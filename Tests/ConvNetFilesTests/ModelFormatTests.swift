import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

/// Model files of commit 1ea83b6 load, give the same outputs, and are rewritten with the same bytes.
@Suite struct ModelFormatTests {
  private static let names = ["lenet5", "every-layer"]

  private func file(_ name: String) throws -> ModelFile {
    try ModelFile(contentsOf: FormatFixtures.path("\(name).safetensors"))
  }

  @Test(arguments: names) func outputsAreUnchanged(name: String) throws {
    let images = try FormatFixtures.answer("\(name).images")
    let expected = try FormatFixtures.answer("\(name).outputs")
    let outputs = try file(name).model().predict(images)
    #expect(outputs.shape == expected.shape)
    let distance = FormatFixtures.distance(outputs.scalars, expected.scalars)
    #expect(distance <= FormatFixtures.tolerance, "\(distance)")
  }

  @Test(arguments: names) func rewritingGivesTheSameBytes(name: String) throws {
    let folder = try TemporaryFolder()
    let again = folder.file("again.safetensors")
    try file(name).write(to: again)
    #expect(try contents(again) == contents(FormatFixtures.path("\(name).safetensors")))
  }

  /// A new file has the same metadata as the old one, except for the versions.
  @Test(arguments: names) func aNewModelHasTheSameMetadata(name: String) throws {
    let old = try file(name)
    let new = try ModelFile(
      old.model(), pixelDivisor: old.pixelDivisor, classNames: old.classNames, notes: old.notes,
      history: old.history)
    var (before, after) = (try old.safetensors().metadata, try new.safetensors().metadata)
    // The versions have the same keys, but other values.
    let versions = try [before, after].map { try #require($0["versions"]) }
    let read = try versions.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
    #expect(
      read.map { Set($0.keys) } == [["package", "openBLAS", "core"], ["package", "openBLAS", "core"]])
    (before["versions"], after["versions"]) = (nil, nil)
    #expect(before == after)
    #expect(
      Set(before.keys) == [
        "model_format", "input_shape", "layers", "pixel_divisor", "class_names", "parameters_sha256", "notes",
        "history",
      ])
  }

  @Test func everyOptionOfEveryLayerIsRead() throws {
    let file = try file("every-layer")
    #expect(file.graph == FormatSamples.graph)
    #expect(file.pixelDivisor == FormatSamples.pixelDivisor)
    #expect(file.classNames == FormatSamples.classNames)
    #expect(file.notes == FormatSamples.notes)
    #expect(file.parameters.map(\.tensor.count).reduce(0, +) == 360)
    #expect(
      file.parameters.map { "\($0.name) \($0.tensor.shape)" } == [
        "first.kernel [3, 2, 2, 6]", "first.bias [6]", "conv1.kernel [2, 2, 6, 4]", "conv1.bias [4]",
        "depthwise.kernel [3, 3, 1, 4]", "depthwise.bias [4]", "conv2.kernel [1, 1, 4, 5]", "conv2.bias [5]",
        "dense1.kernel [10, 7]", "dense1.bias [7]", "last.kernel [7, 5]", "last.bias [5]",
      ])
    try expect(file.history, training: "adam")
  }

  @Test func leNet5FromTheCommand() throws {
    let file = try file("lenet5")
    #expect(file.graph == Graph(inputShape: LeNet5.inputShape, LeNet5.layers(dropout: 0.25)))
    #expect(file.pixelDivisor == 255 && file.classNames == (0...9).map(String.init))
    #expect(
      file.notes == [
        "dataset": "mnist", "seed": "7", "train_images": "320", "validation_images": "100", "epochs": "3",
        "batch_size": "16", "learning_rate": "0.0006", "schedule": "cosine", "warmup_epochs": "1",
        "weight_decay": "0.05", "shift": "1", "dropout": "0.25", "patience": "3",
        "monitor": "validation-accuracy", "best_epoch": "3",
      ])
    #expect(file.history.count == 3)
    let last = try #require(file.history.last)
    #expect(last.accuracy == 0.528125 && last.validationAccuracy == 0.99)
    #expect(last.loss == 1.5560198936152814 && last.validationLoss == 1.15424634686025)
    let versions = try #require(file.versions)
    #expect(versions.package == "0.1.0" && versions.core == "Cooperlake")
    #expect(versions.openBLAS.hasPrefix("OpenBLAS 0.3.21 "))
    #expect(file.digest == "b84df791f40c5bacacb35d1a40be353e19925b1efc3621df62bcb8dd7aa696c8")
  }

  /// Compares a history with the losses of the uninterrupted run.
  private func expect(_ history: [EpochScores], training: String) throws {
    let losses = try FormatFixtures.answer("\(training).losses")
    #expect(losses.shape == [history.count, 2])
    let found = history.flatMap { [Float($0.loss), Float($0.validationLoss ?? 0)] }
    #expect(found == losses.scalars)
  }
}
