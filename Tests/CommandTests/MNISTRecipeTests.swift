import ConvNetFiles
import Foundation
import Testing

/// Runs of the built command with schedules, decay, shifts, early stopping and recipes.
@Suite struct MNISTRecipeTests {
  private func train(_ data: SmallMNIST, _ options: [String]) throws -> CommandProcess {
    try MNISTCommandLine.run(
      ["train", "--data", data.path, "--validation", "100", "--quiet", "--json"] + options)
  }

  private func digest(_ data: SmallMNIST, _ options: String...) throws -> String {
    let run = try train(data, options)
    return try #require(run.rows().last?["sha256"] as? String, "\(options): \(run.messages)")
  }

  @Test func everyOptionChangesTheResult_andThreadsDoNot() throws {
    let data = try SmallMNIST()
    var seen: Set = [try digest(data, "--epochs", "3")]
    for options in [
      ["--schedule", "step"], ["--schedule", "step", "--step-factor", "0.5"],
      ["--schedule", "step", "--step-epochs", "2"], ["--schedule", "cosine"], ["--warmup-epochs", "1"],
      ["--weight-decay", "0.1"], ["--shift", "1"], ["--shift", "2"],
      ["--dropout", "0.25"],
    ] {
      let run = try train(data, ["--epochs", "3"] + options)
      let digest = try #require(run.rows().last?["sha256"] as? String, "\(options): \(run.messages)")
      #expect(seen.insert(digest).inserted, "\(options) changed nothing")
    }
    let all = [
      "--epochs", "3", "--schedule", "cosine", "--warmup-epochs", "1", "--shift", "2", "--dropout", "0.3",
    ]
    let digests = try ["1", "2", "3"].map { threads in
      try train(data, all + ["--threads", threads]).rows().last?["sha256"] as? String
    }
    #expect(digests[0] != nil && Set(digests).count == 1)
  }

  @Test func otherNetworksTrainAndResume_andAWarmStartBeginsWithAFile() throws {
    let data = try SmallMNIST()
    let model = data.file("keras.safetensors")
    let whole = try train(data, ["--network", "mnist_keras", "--epochs", "2", "--model", model])
    #expect(whole.status == 0, "\(whole.messages)")
    let file = try ModelFile(contentsOf: model)
    #expect(file.notes["network"] == "mnist_keras" && file.graph.nodes.count == 7)
    let folder = data.file("checkpoints")
    for epochs in ["1", "2"] {
      let part = try train(
        data, ["--network", "mnist_keras", "--epochs", epochs, "--checkpoint", folder, "--resume"])
      #expect(part.status == 0, "\(part.messages)")
      if epochs == "2" { #expect(try part.rows().last?["sha256"] as? String == file.digest) }
    }
    let residual = data.file("resnet20.safetensors")
    let other = try train(
      data, ["--network", "resnet20", "--epochs", "1", "--limit", "64", "--model", residual])
    #expect(other.status == 0, "\(other.messages)")
    let graph = try ModelFile(contentsOf: residual)
    #expect(!graph.graph.isChain && graph.parameters.contains { $0.name == "bn1.variance" })
    let answer = try MNISTCommandLine.run(["evaluate", "--model", residual, "--data", data.path, "--json"])
    #expect(answer.status == 0, "\(answer.messages)")

    let warm = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "100", "--network", "mnist_keras", "--epochs", "1",
      "--json",
      "--from", model,
    ])
    #expect(
      warm.status == 0 && warm.messages.contains("begins with 6 of 6 parameter arrays"), "\(warm.messages)")
    let cold = try train(data, ["--from", model, "--epochs", "1"])
    #expect(
      cold.status == 1 && cold.messages.contains("use a model of the same --network"), "\(cold.messages)")
  }

  @Test func theRecipesOptionsAreTheModelsNotes_andOtherOptionsOverrideThem() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    let run = try train(
      data, ["--recipe", "accurate", "--epochs", "3", "--shift", "1", "--model", model])
    #expect(run.status == 0, "\(run.messages)")
    let notes = try ModelFile(contentsOf: model).notes
    #expect(notes["epochs"] == "3" && notes["shift"] == "1" && notes["validation_images"] == "100")
    #expect(notes["schedule"] == "cosine" && notes["warmup_epochs"] == "1")
    #expect(notes["patience"] == nil && notes["best_epoch"] == nil)
    // The same options without the recipe give the same model.
    let byHand = try train(
      data,
      [
        "--epochs", "3", "--shift", "1", "--schedule", "cosine", "--warmup-epochs", "1",
        "--learning-rate", try #require(notes["learning_rate"]),
        "--weight-decay", try #require(notes["weight_decay"]), "--batch-size",
        try #require(notes["batch_size"]),
      ])
    #expect(try byHand.rows().last?["sha256"] as? String == run.rows().last?["sha256"] as? String)
  }

  @Test func patienceKeepsTheModelWithTheBestScore() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    // The bars are soon all classified correctly, and no epoch is better.
    let options = ["--monitor", "validation-accuracy", "--model", model]
    let run = try train(data, options + ["--epochs", "60", "--patience", "2"])
    #expect(run.status == 0, "\(run.messages)")
    let rows = try run.rows()
    let scores = rows.dropLast().compactMap { $0["validation_accuracy"] as? Double }
    try #require(scores.count == rows.count - 1 && scores.count < 60, "\(run.output)")
    let most = try #require(scores.max())
    let best = try #require(scores.firstIndex(of: most)) + 1
    #expect(best == scores.count - 2)
    #expect(rows.last?["best_epoch"] as? Int == best)
    let file = try ModelFile(contentsOf: model)
    #expect(file.notes["best_epoch"] == "\(best)" && file.notes["epochs"] == "60")
    // The model is that of a run of only that number of epochs.
    #expect(try digest(data, "--epochs", "\(best)") == file.digest)
  }

  @Test func earlyStoppingIsExplained() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "100", "--epochs", "60", "--patience", "2",
      "--monitor", "validation-accuracy",
    ])
    #expect(run.status == 0)
    #expect(
      run.messages.contains(
        /stopped after epoch \d+: 2 epochs without a better validation accuracy; keeping the model of epoch \d+\n/
      ),
      "\(run.messages)")
    // All bars are classified correctly long before the end, and then no epoch is better.
    let whole = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "100", "--epochs", "15", "--patience", "20",
      "--monitor", "validation-accuracy",
    ])
    #expect(whole.status == 0 && !whole.messages.contains("stopped"), "\(whole.messages)")
    #expect(
      whole.messages.contains(
        /keeping the model of epoch \d+: no later epoch had a better validation accuracy\n/),
      "\(whole.messages)")
    let short = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "100", "--epochs", "1", "--patience", "2",
    ])
    #expect(short.status == 0 && !short.messages.contains("keeping the model"), "\(short.messages)")
  }

  @Test(arguments: [
    (["--recipe", "fast"], "--recipe"), (["--schedule", "linear"], "--schedule"),
    (["--warmup-epochs", "5"], "--warmup-epochs is 5; it must be less than the 5 epochs"),
    (["--warmup-epochs=-1"], "must be in 0"), (["--step-epochs", "2"], "need --schedule step"),
    (["--step-factor", "0.5"], "need --schedule step"),
    (["--schedule", "step", "--step-epochs", "0"], "must be in 1"),
    (["--schedule", "step", "--step-factor", "1.5"], "must be in 0.0...1.0"),
    (["--schedule", "step", "--step-factor", "nan"], "--step-factor is nan"),
    (["--weight-decay=-1"], "at least 0"), (["--weight-decay", "inf"], "at least 0"),
    (["--shift", "28"], "must be in 0...27"), (["--dropout", "1"], "below 1"),
    (["--dropout", "nan"], "below 1"), (["--patience", "0"], "must be in 1"),
    (["--patience", "2", "--validation", "0"], "--patience needs validation images"),
    (["--recipe", "accurate", "--patience", "2"], "--patience needs validation images"),
    (["--monitor", "training-loss", "--patience", "2"], "--monitor"),
    (["--monitor", "validation-accuracy"], "--monitor needs --patience"),
    (["--log", ""], "--log is empty"), (["--log", "log.txt"], ".csv or .jsonl"), (["--log", "csv"], ".csv"),
    (["--log", "a.csv", "--model", "a.csv"], "would replace the log"),
  ])
  func usageErrors(options: [String], text: String) throws {
    let run = try MNISTCommandLine.run(["train"] + options)
    #expect(run.status == 64, "\(options): \(run.messages)")
    #expect(run.output.isEmpty && run.messages.contains(text), "\(options): \(run.messages)")
  }
}
