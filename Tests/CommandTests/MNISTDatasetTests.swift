import Foundation
import TestSupport
import Testing

/// `--dataset`: the data set by name, in all commands that read images.
@Suite struct MNISTDatasetTests {
  private func model(_ data: SmallMNIST) throws -> String {
    let path = data.file("m.safetensors")
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--epochs", "1", "--validation", "0", "--quiet", "--model", path,
    ])
    #expect(run.status == 0, "\(run.messages)")
    return path
  }

  /// A cache with both data sets in it.
  private func cache(_ digits: SmallMNIST, _ fashion: SmallMNIST) throws -> (
    TemporaryFolder, [String: String]
  ) {
    let folder = try TemporaryFolder()
    let cache = folder.file("swift-im2col")
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    for (name, data) in [("mnist", digits), ("fashion-mnist", fashion)] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(cache)/\(name)", withDestinationPath: data.path)
    }
    return (folder, ["XDG_CACHE_HOME": folder.path])
  }

  @Test func theCacheHasBoth() throws {
    let (digits, fashion) = (try SmallMNIST(), try SmallMNIST("fashion-mnist"))
    let (folder, environment) = try cache(digits, fashion)
    let model = try model(digits)
    for (name, dataset) in [
      ("digits", "mnist"), ("fashion", "fashion-mnist"), ("fashion-mnist", "fashion-mnist"),
    ] {
      let line = "using \(dataset) from \(folder.path)/swift-im2col/\(dataset) (the cache)\n"
      for command in [
        ["train", "--epochs", "1", "--validation", "0"], ["evaluate", "--model", model],
        ["predict", "--model", model], ["report", "--model", model, "--to", folder.file("r.html")],
      ] {
        let run = try MNISTCommandLine.run(command + ["--dataset", name], environment: environment)
        #expect(run.status == 0 && run.messages.hasPrefix(line), "\(command): \(run.messages)")
      }
      let doctor = try MNISTCommandLine.run(["doctor", "--dataset", name], environment: environment)
      #expect(doctor.output.contains("\(dataset), 420 + 90 images"), "\(doctor.output)")
    }
  }

  /// MNIST_DIR is used only if it has the data set.
  @Test func theFolderOfTheEnvironment() throws {
    let (digits, fashion) = (try SmallMNIST(), try SmallMNIST("fashion-mnist"))
    let (folder, environment) = try cache(digits, fashion)
    let model = try model(digits)
    func messages(_ dataset: String) throws -> String {
      try MNISTCommandLine.run(
        ["evaluate", "--model", model, "--dataset", dataset],
        environment: environment.merging(["MNIST_DIR": digits.path]) { $1 }
      ).messages
    }
    #expect(try messages("digits") == "using mnist from \(digits.path) (named by MNIST_DIR)\n")
    #expect(try messages("fashion").hasPrefix("using fashion-mnist from \(folder.path)/"))
  }

  @Test func missingImages() throws {
    let data = try SmallMNIST()
    let environment = ["HOME": data.file("nowhere"), "XDG_CACHE_HOME": ""]
    let model = try model(data)
    let evaluate = try MNISTCommandLine.run(
      ["evaluate", "--model", model, "--dataset", "digits"], environment: environment)
    #expect(evaluate.status == 1 && evaluate.output.isEmpty)
    #expect(
      evaluate.messages.contains("no MNIST images found (looked in ")
        && evaluate.messages.contains("'mnist download --dataset digits'"), "\(evaluate.messages)")
    let train = try MNISTCommandLine.run(["train", "--dataset", "digits"], environment: environment)
    #expect(train.status == 1 && train.messages.contains("none could be downloaded"), "\(train.messages)")
  }

  @Test func anotherDatasetThanRequested() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run(["train", "--data", data.path, "--dataset", "fashion"])
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.messages.contains("--dataset is fashion, but --data has mnist"), "\(run.messages)")
  }
}
