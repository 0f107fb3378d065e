import Foundation
import Testing

/// Damaged data and models, unusable paths: a message with the remedy, status 1, no file written.
@Suite struct MNISTErrorTests {
  private func expectRefusal(
    _ data: SmallMNIST, _ text: String, leaving otherFiles: [String] = [], line: Int = #line
  ) throws {
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "100", "--json", "--model", data.file("m.safetensors"),
    ])
    #expect(run.status == 1, "line \(line)")
    #expect(run.output.isEmpty, "line \(line)")
    #expect(run.messages.hasPrefix("error: ") && run.messages.contains(text), "line \(line): \(run.messages)")
    #expect(try data.otherFiles == otherFiles, "line \(line)")
  }

  @Test func aTruncatedFile() throws {
    let data = try SmallMNIST()
    try data.replace("train-images-idx3-ubyte") { $0.removeLast(1000) }
    try expectRefusal(data, "is cut short")
  }

  @Test func aFileWithTrailingBytes() throws {
    let data = try SmallMNIST()
    try data.replace("t10k-images-idx3-ubyte") { $0.append(0) }
    try expectRefusal(data, "continues after")
  }

  @Test func aLabelOutOfRange() throws {
    let data = try SmallMNIST()
    try data.replace("train-labels-idx1-ubyte") { $0[8 + 17] = 10 }
    try expectRefusal(data, "label 17 of")
  }

  @Test func labelsInsteadOfImages() throws {
    let data = try SmallMNIST()
    try data.replace("train-images-idx3-ubyte") { $0[3] = 1 }
    try expectRefusal(data, "begins with 0x00000801 (IDX labels)")
  }

  @Test func differentNumbersOfImagesAndLabels() throws {
    let data = try SmallMNIST()
    let labels = try Data(contentsOf: URL(fileURLWithPath: data.file("t10k-labels-idx1-ubyte")))
    try data.replace("train-labels-idx1-ubyte") { $0 = labels }
    try expectRefusal(data, "420 images but 90 labels")
  }

  @Test func aMissingFile() throws {
    let data = try SmallMNIST()
    try FileManager.default.removeItem(atPath: data.file("t10k-labels-idx1-ubyte"))
    try expectRefusal(data, "has neither t10k-labels-idx1-ubyte nor")
  }

  @Test func anExplicitFolderNeverFallsBack() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run(
      ["train", "--data", data.file("nowhere")], environment: ["MNIST_DIR": data.path])
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.messages.contains("--data names \(data.file("nowhere")), which is not a folder"))
  }

  @Test(arguments: ["nowhere/m.safetensors", "t10k-labels-idx1-ubyte/m.safetensors", "."])
  func anUnusableModelPath(name: String) throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "100", "--model", data.file(name),
    ])
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.messages.hasPrefix("error: "))
    // The error comes before any image is read.
    #expect(!run.messages.contains("using mnist"))
    #expect(try data.otherFiles.isEmpty)
  }

  @Test func imagesOfAnotherSize() throws {
    let data = try SmallMNIST()
    for part in ["train", "t10k"] {
      // 14 rows of 56 columns.
      try data.replace("\(part)-images-idx3-ubyte") { ($0[11], $0[15]) = (14, 56) }
    }
    let run = try MNISTCommandLine.run(["train", "--data", data.path, "--validation", "100"])
    #expect(run.status == 1)
    #expect(run.messages.contains("[14, 56, 1]") && run.messages.contains("[28, 28, 1]"))
  }

  @Test func damagedModels() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "0", "--epochs", "1", "--quiet", "--model", model,
    ])
    #expect(run.status == 0)
    let whole = try Data(contentsOf: URL(fileURLWithPath: model))
    let cases: [(String, (inout Data) -> Void)] = [
      ("too few", { $0.removeLast(5) }), ("empty", { $0.removeAll() }),
      ("one bit", { $0[$0.count - 1000] ^= 1 }), ("text", { $0 = Data("<html>sorry</html>".utf8) }),
    ]
    for (name, change) in cases {
      var bytes = whole
      change(&bytes)
      try bytes.write(to: URL(fileURLWithPath: model))
      for arguments in [["evaluate", "--data", data.path], ["predict", "--data", data.path], ["summary"]] {
        let run = try MNISTCommandLine.run(arguments + ["--model", model])
        #expect(run.status == 1 && run.output.isEmpty, "\(name), \(arguments)")
        #expect(run.messages.hasPrefix("error: \(model): "), "\(name): \(run.messages)")
      }
    }
    #expect(try MNISTCommandLine.run(["summary", "--model", data.file("nowhere")]).status == 1)
  }
}
