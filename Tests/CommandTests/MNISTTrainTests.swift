import ConvNetFiles
import Foundation
import Testing
import mnist

/// Training runs of the built command on a small data set.
@Suite struct MNISTTrainTests {
  private func train(_ data: SmallMNIST, _ options: String...) throws -> CommandProcess {
    try MNISTCommandLine.run(
      ["train", "--data", data.path, "--validation", "100", "--batch-size", "16"] + options)
  }

  @Test func jsonHasOneObjectPerEpochAndAFinalOne() throws {
    let data = try SmallMNIST()
    let run = try train(data, "--epochs", "3", "--json", "--seed", "7")
    #expect(run.status == 0, "\(run.messages)")
    let rows = try run.rows()
    try #require(rows.count == 4, "\(run.output)")
    for (index, row) in rows.dropLast().enumerated() {
      #expect(
        Set(row.keys) == [
          "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "images_per_second",
          "seconds",
        ])
      #expect(row["epoch"] as? Int == index + 1)
      for key in ["loss", "validation_loss", "images_per_second"] {
        #expect(try #require(row[key] as? Double) > 0, "\(key) of \(row)")
      }
      #expect((0...1).contains(try #require(row["validation_accuracy"] as? Double)))
    }
    let end = try #require(rows.last)
    #expect(
      Set(end.keys) == [
        "final", "dataset", "seed", "train_images", "test_accuracy", "parameters", "sha256", "test_loss",
        "images_per_second", "seconds", "classes", "recall", "precision", "worst_confusions", "confusion",
      ])
    #expect(end["final"] as? Bool == true && end["dataset"] as? String == "mnist")
    #expect(end["seed"] as? Int == 7 && end["train_images"] as? Int == SmallMNIST.trainCount - 100)
    #expect(end["parameters"] as? Int == 61_706)
    #expect(try #require(end["sha256"] as? String).wholeMatch(of: /[0-9a-f]{64}/) != nil)
    // SmallMNIST's images (bars) are easy to learn.
    #expect(try #require(end["test_accuracy"] as? Double) > 0.9)
    #expect(run.output.hasPrefix(#"{"epoch":1,"loss":"#))
    #expect(try data.otherFiles.isEmpty)
  }

  @Test func messagesAreOneLinePerEpoch_withoutCarriageReturns() throws {
    let data = try SmallMNIST()
    let run = try train(data, "--epochs", "2", "--model", data.file("m.safetensors"))
    #expect(run.status == 0)
    #expect(!run.messages.contains("\r") && !run.messages.contains("\u{1B}"))
    let lines = run.messages.split(separator: "\n")
    try #require(lines.count == 4, "\(run.messages)")
    #expect(lines[0].contains("61,706 parameters"))
    #expect(lines[0].contains("320 images of mnist, validating on 100"))
    #expect(lines[1].hasPrefix("epoch 1/2  loss ") && lines[2].hasPrefix("epoch 2/2  loss "))
    let model = data.file("m.safetensors")
    #expect(lines[3] == "try: mnist predict --model \(model) drawing.png")
    #expect(run.output.hasPrefix("test accuracy") && run.output.contains("m.safetensors"))
    #expect(!run.output.contains("\u{1B}"))
  }

  /// Without --model, the results include how to save it; the suggestion fits the data set.
  @Test func theNextCommand() throws {
    #expect(try train(SmallMNIST(), "--epochs", "1").output.contains("not saved; use --model FILE"))
    let next = NextCommand.afterTraining
    #expect(next("mnist", "a b.safetensors", nil) == "mnist predict --model 'a b.safetensors' drawing.png")
    #expect(next("mnist", "-m", nil) == "mnist predict --model ./-m drawing.png")
    #expect(next("fashion-mnist", "m", nil) == "mnist predict --model m --dataset fashion --index 0-4")
    #expect(next("fashion-mnist", "m", "it's") == #"mnist predict --model m --data 'it'\''s' --index 0-4"#)
  }

  @Test func quietPrintsOnlyResults() throws {
    let data = try SmallMNIST()
    let run = try train(data, "--epochs", "1", "--quiet", "--json", "--validation", "0")
    #expect(run.status == 0 && run.messages.isEmpty)
    let rows = try run.rows()
    #expect(rows.count == 2)
    #expect(Set(rows[0].keys) == ["epoch", "loss", "accuracy", "images_per_second", "seconds"])
    #expect(rows[1]["train_images"] as? Int == SmallMNIST.trainCount)
  }

  @Test func anyNumberOfThreadsGivesTheSameModel_andOtherOptionsDoNot() throws {
    let data = try SmallMNIST()
    func digest(_ options: String...) throws -> String {
      let run = try MNISTCommandLine.run(
        ["train", "--data", data.path, "--validation", "100", "--epochs", "1", "--json", "--quiet"] + options)
      return try #require(run.rows().last?["sha256"] as? String, "\(options): \(run.messages)")
    }
    let one = try digest("--threads", "1")
    #expect(try digest("--threads", "2") == one)
    #expect(try digest("--threads", "3") == one)
    var others: Set = [one]
    for options in [
      ("--seed", "1"), ("--batch-size", "31"), ("--scale", "256"), ("--learning-rate", "0.002"),
      ("--limit", "99"),
    ] {
      #expect(others.insert(try digest(options.0, options.1)).inserted, "\(options) changed nothing")
    }
  }

  @Test func aModelFileGivesTheSameResults() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    let run = try train(data, "--epochs", "1", "--json", "--model", model, "--scale", "256", "--threads", "1")
    let end = try #require(try run.rows().last)
    let file = try ModelFile(contentsOf: model)
    #expect(file.digest == end["sha256"] as? String)
    #expect(file.pixelDivisor == 256 && file.classNames == (0..<10).map(String.init))
    #expect(file.notes["dataset"] == "mnist" && file.notes["epochs"] == "1")

    let evaluation = try MNISTCommandLine.run(["evaluate", "--model", model, "--data", data.path, "--json"])
    let row = try #require(try evaluation.rows().first)
    let classKeys = ["classes", "recall", "precision", "worst_confusions", "confusion"]
    #expect(Set(row.keys) == Set(["loss", "accuracy", "images"] + classKeys))
    for key in classKeys { #expect(row[key] as? NSArray == end[key] as? NSArray, "\(key)") }
    #expect(end["test_loss"] as? Double == row["loss"] as? Double && end["model"] as? String == model)
    let confusion = try #require(row["confusion"] as? [[Int]])
    #expect(confusion.joined().reduce(0, +) == SmallMNIST.testCount)
    #expect(row["accuracy"] as? Double == end["test_accuracy"] as? Double)
    #expect(row["images"] as? Int == SmallMNIST.testCount)
    #expect(try data.otherFiles == ["m.safetensors"])
  }

  @Test func divergenceEndsWith3_andWritesNothing() throws {
    let data = try SmallMNIST()
    let run = try train(data, "--learning-rate", "1e30", "--model", data.file("m.safetensors"), "--json")
    #expect(run.status == 3)
    #expect(run.messages.contains("lower --learning-rate") && run.output.isEmpty)
    #expect(try data.otherFiles.isEmpty)
  }

  /// One update with such a rate leaves finite parameters with which the output overflows.
  @Test(arguments: ["0", "100"]) func divergenceFoundOnlyByEvaluation(validation: String) throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", validation, "--limit", "10", "--epochs", "1",
      "--learning-rate", "1e30", "--model", data.file("m.safetensors"),
    ])
    #expect(run.status == 3 && !run.output.contains("test"), "\(run.output)")
    #expect(run.messages.contains("lower --learning-rate"), "\(run.messages)")
    #expect(try data.otherFiles.isEmpty)
  }

  /// `head` closes the pipe after the first line; mnist prints no message.
  @Test func aClosedPipe_printsNothing() throws {
    let data = try SmallMNIST()
    let line = #""$MNIST" train --data "$DIR" --validation 100 --epochs 4 --json --quiet | head -n 1"#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.status == 0 && run.messages.isEmpty)
    #expect(try run.rows().count == 1)
  }

  @Test func closedPipeWithSIGPIPEIgnored_printsNothing() throws {
    let data = try SmallMNIST()
    let line = #"""
      trap '' PIPE
      { "$MNIST" train --data "$DIR" --validation 100 --epochs 40 --json --quiet; echo $? > "$DIR/status"; } | head -n 1
      for tick in $(seq 1000); do [ -s "$DIR/status" ] && break; sleep 0.05; done
      """#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.messages.isEmpty)
    #expect(try String(contentsOfFile: data.file("status"), encoding: .utf8) == "141\n")
  }

  /// The reader of the messages leaves after the first line; training goes on to its model.
  @Test func aClosedPipeOfMessages_losesNoModel() throws {
    let data = try SmallMNIST()
    let line = #"""
      { "$MNIST" train --data "$DIR" --validation 100 --epochs 4 --model "$DIR/m.safetensors" 2>&1 > "$DIR/results"
        echo $? > "$DIR/status"; } | head -n 1
      for tick in $(seq 1000); do [ -s "$DIR/status" ] && break; sleep 0.05; done
      """#
    _ = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(try String(contentsOfFile: data.file("status"), encoding: .utf8) == "0\n")
    #expect(FileManager.default.fileExists(atPath: data.file("m.safetensors")))
  }

  @Test func aFullDiskIsAnError() throws {
    let data = try SmallMNIST()
    let line = #""$MNIST" train --data "$DIR" --validation 100 --epochs 1 --json --quiet > /dev/full"#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.status == 1)
    #expect(run.messages.contains("cannot write the results"))
  }

  @Test(arguments: ["2>&-", "2>/dev/full"]) func messagesThatCannotBeWrittenAreIgnored(redirection: String)
    throws
  {
    let data = try SmallMNIST()
    let line = #""$MNIST" train --data "$DIR" --validation 100 --epochs 1 --json --model "$DIR/m" "#
    let run = try MNISTCommandLine.shell(line + redirection, folder: data.path)
    #expect(run.status == 0)
    #expect(try run.rows().count == 2)
    #expect(try data.otherFiles == ["m"])
    #expect(try ModelFile(contentsOf: data.file("m")).notes["epochs"] == "1")
  }

  @Test(arguments: [("INT", Int32(130)), ("TERM", 143), ("QUIT", 131), ("USR1", 138), ("XCPU", 152)])
  func aSignalEndsAtOnce_andWritesNoModel(signal: String, status: Int32) throws {
    let data = try SmallMNIST()
    // A shell ignores SIGINT in background jobs by default.
    let line = #"""
      ulimit -c 0
      env --default-signal=\#(signal) \
        "$MNIST" train --data "$DIR" --validation 100 --epochs 300 --model "$DIR/m.safetensors" 2> "$DIR/messages" &
      for tick in $(seq 1000); do [ -s "$DIR/messages" ] && break; sleep 0.05; done
      kill -\#(signal) $!
      wait $!
      """#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.status == status, "\(run.messages)")
    #expect(try data.otherFiles == ["messages"])
  }

  @Test(arguments: ["INT", "TERM"]) func signalIgnoredByTheParentDoesNotEndTraining(signal: String) throws {
    let data = try SmallMNIST()
    let line = #"""
      trap '' \#(signal)
      "$MNIST" train --data "$DIR" --validation 100 --epochs 2 --model "$DIR/m.safetensors" 2> "$DIR/messages" &
      for tick in $(seq 1000); do [ -s "$DIR/messages" ] && break; sleep 0.05; done
      kill -\#(signal) $!
      wait $!
      """#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.status == 0, "\(run.messages)")
    #expect(try data.otherFiles == ["m.safetensors", "messages"])
  }
}

private let originals = ProcessInfo.processInfo.environment["MNIST_DIR"]

/// MNIST, from the folder named by `MNIST_DIR`; skipped if that is not set.
@Suite(.enabled(if: originals != nil, "set MNIST_DIR to the folder with MNIST's four files"))
struct MNISTRealTrainTests {
  @Test func aFewImagesAreEnoughForSeventyPercent() throws {
    let folder = try #require(originals)
    let options = ["train", "--limit", "1600", "--validation", "500", "--epochs", "1", "--json"]
    let run = try MNISTCommandLine.run(options, environment: ["MNIST_DIR": folder])
    #expect(run.status == 0)
    #expect(run.messages.contains("(named by MNIST_DIR)"))
    let end = try #require(try run.rows().last)
    #expect(end["dataset"] as? String == "mnist" && end["train_images"] as? Int == 1600)
    #expect(try #require(end["test_accuracy"] as? Double) > 0.7)
  }
}
