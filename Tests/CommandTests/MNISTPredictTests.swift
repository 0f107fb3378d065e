import ConvNet
import ConvNetFiles
import Foundation
import Testing

/// `predict` and `summary`.
@Suite struct MNISTPredictTests {
  private func trained(_ data: SmallMNIST) throws -> String {
    let model = data.file("m.safetensors")
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "0", "--epochs", "3", "--batch-size", "16", "--quiet",
      "--model", model,
    ])
    #expect(run.status == 0, "\(run.messages)")
    return model
  }

  @Test func predictionsAreThreeClassesWithProbabilities() throws {
    let data = try SmallMNIST()
    let model = try trained(data)
    let run = try MNISTCommandLine.run([
      "predict", "--model", model, "--data", data.path, "--index", "3,5-9", "--json",
    ])
    #expect(run.status == 0, "\(run.messages)")
    let rows = try run.rows()
    #expect(rows.map { $0["index"] as? Int } == [3, 5, 6, 7, 8, 9])
    var right = 0
    for row in rows {
      let index = try #require(row["index"] as? Int)
      #expect(row["label"] as? String == "\((index * 7 + index / 10) % 10)")
      let predictions = try #require(row["predictions"] as? [[String: Any]])
      try #require(predictions.count == 3)
      let probabilities = try predictions.map { try #require($0["probability"] as? Double) }
      #expect(
        probabilities == probabilities.sorted(by: >) && probabilities.reduce(0, +) <= 1.0001)
      if predictions[0]["class"] as? String == row["label"] as? String { right += 1 }
    }
    #expect(right >= 5)

    // The same images from an IDX file have the same predictions, but no labels.
    let images = data.file("t10k-images-idx3-ubyte")
    let again = try MNISTCommandLine.run(["predict", "--model", model, images, "--index", "3,5-9", "--json"])
      .rows()
    for (row, other) in zip(rows, again) {
      #expect(other["file"] as? String == images && other["label"] == nil)
      #expect(
        row["predictions"] as? [[String: AnyHashable]] == other["predictions"] as? [[String: AnyHashable]])
    }
    #expect(again.count == rows.count)
  }

  @Test func predictionsAsTextHaveBars() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run(
      ["predict", "--model", try trained(data), "--index", "0-1"],
      environment: ["MNIST_DIR": data.path, "LC_ALL": "C"])
    #expect(run.lines.count == 8, "\(run.output)")
    #expect(run.lines[0] == "image 0 is 0" && run.lines[4] == "image 1 is 7")
    #expect(run.lines[1].wholeMatch(of: #/  \d +\d+\.\d\d%  [#-]{20}/#) != nil, "\(run.lines[1])")
    #expect(run.messages == "using mnist from \(data.path) (named by MNIST_DIR)\n")
  }

  /// A model of one dense layer whose parameters are all equal.
  private func constant(_ data: SmallMNIST, _ parameter: Float) throws -> String {
    let model = try Sequential(inputShape: [28, 28, 1], layers: [.flatten, .dense(units: 3)])
    try model.setParameters(Array(repeating: parameter, count: model.parameterCount))
    let path = data.file("logits.safetensors")
    try ModelFile(model).write(to: path)
    return path
  }

  @Test func logitsBecomeProbabilities() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "predict", "--model", try constant(data, 2), "--data", data.path, "--json",
    ])
    #expect(run.status == 0, "\(run.messages)")
    let predictions = try #require(try run.rows().first?["predictions"] as? [[String: Any]])
    let probabilities = try predictions.map { try #require($0["probability"] as? Double) }
    #expect(
      probabilities.count == 3 && probabilities.allSatisfy { abs($0 - 1.0 / 3) < 1e-6 }, "\(probabilities)")
    #expect(run.messages.contains("the model has 3 classes, but mnist has 10"))
  }

  @Test(arguments: [["predict"], ["predict", "--json"]]) func outputsThatAreNotFinite(arguments: [String])
    throws
  {
    let data = try SmallMNIST()
    let model = try constant(data, 3e38)
    let run = try MNISTCommandLine.run(arguments + ["--model", model, "--data", data.path])
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.messages.contains("error: \(model): the model's output is not finite"), "\(run.messages)")
  }

  @Test func imagesOfAnotherSizeAreReported() throws {
    let data = try SmallMNIST()
    let images = data.file("t10k-images-idx3-ubyte")
    // 14 rows of 56 columns.
    try data.replace("t10k-images-idx3-ubyte") { ($0[11], $0[15]) = (14, 56) }
    let run = try MNISTCommandLine.run(["predict", "--model", try constant(data, 1), images])
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.messages.hasPrefix("error: \(images): ") && run.messages.contains("14"), "\(run.messages)")
  }

  @Test func anIndexAfterTheEnd() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "predict", "--model", try trained(data), "--data", data.path, "--index", "3,0-9999999999",
    ])
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(
      run.messages.contains(
        "--index is 9999999999, but the test set of mnist has 90 images; choose indices in 0...89"))
  }

  @Test func summaryShowsLayers() throws {
    let run = try MNISTCommandLine.run(["summary"])
    #expect(run.status == 0 && run.messages.isEmpty)
    #expect(run.output.contains("conv2") && run.output.contains("61,706 parameters"))
    let data = try SmallMNIST()
    let model = try MNISTCommandLine.run(["summary", "--model", try trained(data)])
    #expect(model.output.hasPrefix(run.output))
    for text in ["classes", "sha256", "OpenBLAS", "dataset", "bytes / 255"] {
      #expect(model.output.contains(text), "\(text)")
    }
  }

  @Test func summaryAsJSON() throws {
    let untrained = try #require(try MNISTCommandLine.run(["summary", "--json"]).rows().first)
    #expect(Set(untrained.keys) == ["input", "parameters", "layers"])
    #expect(untrained["parameters"] as? Int == 61_706 && untrained["input"] as? [Int] == [28, 28, 1])
    let layers = try #require(untrained["layers"] as? [[String: Any]])
    #expect(layers.count == 8 && layers[0]["name"] as? String == "conv1")
    #expect(layers[0]["output"] as? [Int] == [28, 28, 6] && layers[0]["lowering"] is String)
    #expect(layers[1]["parameters"] as? Int == 0 && layers[1]["lowering"] == nil)

    let data = try SmallMNIST()
    let row = try #require(
      try MNISTCommandLine.run(["summary", "--model", trained(data), "--json"]).rows().first)
    #expect(row["model"] as? String == data.file("m.safetensors") && row["pixel_divisor"] as? Int == 255)
    #expect((row["classes"] as? [String])?.count == 10 && (row["sha256"] as? String)?.count == 64)
    #expect((row["notes"] as? [String: String])?["dataset"] == "mnist")
    #expect((row["versions"] as? [String: String])?["package"] != nil)
  }

  @Test func quietPrintsOnlyResults() throws {
    let data = try SmallMNIST()
    let model = try trained(data)
    let environment = ["MNIST_DIR": data.path]
    for command in [["evaluate"], ["predict"], ["report", "--json"]] {
      let run = try MNISTCommandLine.run(
        command + ["--model", model, "--quiet"], environment: environment)
      #expect(run.status == 0 && run.messages.isEmpty && !run.output.isEmpty, "\(run.messages)")
      let loud = try MNISTCommandLine.run(command + ["--model", model], environment: environment)
      #expect(loud.messages == "using mnist from \(data.path) (named by MNIST_DIR)\n")
    }
  }

  /// Without a folder, the system's images are used and reported; without those, the error explains how to
  /// get images.
  @Test func withoutAFolder() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run(
      ["predict", "--model", try trained(data)],
      environment: ["HOME": data.file("nowhere"), "XDG_CACHE_HOME": ""])
    if FileManager.default.fileExists(atPath: "/usr/share/datasets/fashion-mnist") {
      #expect(run.status == 0)
      #expect(
        run.messages.contains("no MNIST was found") && run.messages.contains("warning: the model's classes"))
    } else {
      #expect(run.status == 1)
      #expect(run.messages.contains("apt-get install dataset-fashion-mnist"))
    }
  }
}
