import ConvNetFiles
import Foundation
import Testing

/// Runs with all settings of a recipe, resumed from any of their checkpoints.
@Suite struct MNISTRecipeResumeTests {
  private static let options = [
    "--validation", "100", "--batch-size", "64", "--schedule", "cosine", "--warmup-epochs", "1", "--shift",
    "2",
    "--dropout", "0.2", "--weight-decay", "0.1", "--learning-rate", "0.003", "--quiet", "--json",
  ]

  private func train(_ data: SmallMNIST, _ options: String...) throws -> CommandProcess {
    try MNISTCommandLine.run(
      ["train", "--data", data.path, "--checkpoint", data.file("run"), "--every", "2", "--keep", "1000"]
        + Self.options + options)
  }

  /// The updates of the folder's checkpoints, in order.
  private func steps(_ data: SmallMNIST) throws -> [Int] {
    try FileManager.default.contentsOfDirectory(atPath: data.file("run"))
      .compactMap { $0.wholeMatch(of: /step-(\d+)\.safetensors/).flatMap { Int($0.1) } }.sorted()
  }

  private func removeCheckpoints(_ data: SmallMNIST, after step: Int) throws {
    for later in try steps(data) where later > step {
      let name = "run/step-" + String(format: "%08d", later) + ".safetensors"
      try FileManager.default.removeItem(atPath: data.file(name))
    }
  }

  private func end(_ run: CommandProcess) throws -> [String] {
    let row = try #require(try run.rows().last, "\(run.messages)")
    return [try #require(row["sha256"] as? String), "\(row["best_epoch"] ?? "last")"]
  }

  @Test func everyCheckpointLeadsToTheSameBits() throws {
    let data = try SmallMNIST()
    let straight = try end(train(data, "--epochs", "4"))
    let all = try steps(data)
    // Five updates per epoch, a checkpoint after every second and at the end of each epoch.
    try #require(all == [2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20])
    for (index, step) in [16, 15, 4].enumerated() {
      try removeCheckpoints(data, after: step)
      let again = try end(train(data, "--epochs", "4", "--resume", "--threads", "\(index + 1)"))
      #expect(again == straight, "from update \(step)")
    }
  }

  @Test func earlyStoppingIsResumed() throws {
    let data = try SmallMNIST()
    let options = ["--monitor", "validation-accuracy"]
    func train(_ more: String...) throws -> CommandProcess {
      try MNISTCommandLine.run(
        ["train", "--data", data.path, "--checkpoint", data.file("run"), "--keep", "1000", "--patience", "2"]
          + ["--validation", "100", "--quiet", "--json", "--epochs", "60"] + options + more)
    }
    let run = try train()
    let (straight, epochs) = (try end(run), try steps(data).count)
    #expect(straight[1] == "\(epochs - 2)" && epochs < 60)
    // It does not continue; the model with the best score is restored again.
    #expect(try end(train("--resume")) == straight)
    #expect(try steps(data).count == epochs)
    // After the epoch with the best score, its parameters come from the checkpoint alone.
    let step = try steps(data)[epochs - 2]
    for later in try steps(data) where later != step {
      let name = "run/step-" + String(format: "%08d", later) + ".safetensors"
      try FileManager.default.removeItem(atPath: data.file(name))
    }
    #expect(try end(train("--resume", "--threads", "1")) == straight)
  }

  @Test func changedOptionsAreRefusedByName() throws {
    let data = try SmallMNIST()
    #expect(try train(data, "--epochs", "2").status == 0)
    for (options, text) in [
      (["--epochs", "3"], "--epochs (where the cosine ends) was 2 and is now 3"),
      (["--epochs", "2", "--shift", "1"], "--shift was 2 and is now 1"),
      (["--epochs", "2", "--weight-decay", "0"], "--weight-decay was 0.1 and is now 0.0"),
      (["--epochs", "2", "--patience", "3"], "--patience was none and is now 3"),
    ] {
      let run = try MNISTCommandLine.run(
        ["train", "--data", data.path, "--checkpoint", data.file("run"), "--resume"] + Self.options + options)
      #expect(run.status == 64 && run.messages.contains(text), "\(options): \(run.messages)")
    }
  }
}
