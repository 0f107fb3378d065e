import Foundation
import Testing

/// Usage errors: status 64, a message, no file written.
@Suite struct MNISTUsageTests {
  @Test(arguments: [
    ["train", "--epochs", "0"], ["train", "--epochs", "2147483648"], ["train", "--epochs", "1e3"],
    ["train", "--epochs", "99999999999999999999"], ["train", "--batch-size", "0"],
    ["train", "--batch-size", "-3"], ["train", "--seed", "x"], ["train", "--seed", "-1"],
    ["train", "--threads", "0"], ["train", "--threads", "65"], ["train", "--validation", "-1"],
    ["train", "--limit", "0"], ["train", "--scale", "254"], ["train", "--learning-rate", "0"],
    ["train", "--learning-rate", "nan"], ["train", "--learning-rate", "inf"], ["train", "--model", ""],
    ["train", "--model"], ["train", "stray"], ["train", "--checkpoint", ""], ["train", "--resume"],
    ["train", "--every", "5"], ["train", "--keep", "5"], ["train", "--checkpoint", "c", "--every", "0"],
    ["train", "--checkpoint", "c", "--keep", "0"], ["train", "--checkpoint", "c", "--model", "c"],
    ["train", "--checkpoint", "c", "--model", "./c/step-00000001.safetensors"],
    ["train", "--checkpoint", "c", "--epochs", "10001"],
    ["evaluate"], ["evaluate", "--model"],
    ["predict"], ["predict", "--model", "m", "--index", "9-3"], ["predict", "--model", "m", "--index", ""],
    ["predict", "--model", "m", "--index", "1,,2"], ["predict", "--model", "m", "--index", "1-2-3"],
    ["predict", "--model", "m", "--index", "+1"], ["predict", "--model", "m", "--data", "d", "file"],
    ["evaluate", "--model", ""], ["predict", "--model", ""], ["summary", "--model", ""],
    ["train", "--data", ""], ["evaluate", "--model", "m", "--data", ""],
    ["predict", "--model", "m", "--data", ""], ["predict", "--model", "m", ""],
    ["summary", "--data", "x"], ["nosuchcommand"],
  ])
  func usageErrors(arguments: [String]) throws {
    let run = try MNISTCommandLine.run(arguments)
    #expect(run.status == 64, "\(arguments): \(run.messages)")
    #expect(run.output.isEmpty && run.messages.hasPrefix("error: "))
  }

  @Test func messagesHaveTheNumbers() throws {
    #expect(
      try MNISTCommandLine.run(["train", "--threads", "65"]).messages.contains(
        "--threads is 65; it must be in 1...64"))
    #expect(
      try MNISTCommandLine.run(["train", "--epoch", "3"]).messages.contains("Did you mean '--epochs'?"))
    let near = [
      "downlaod": "download", "trian": "train", "doctr": "doctor", "sumary": "summary", "Train": "train",
    ]
    for (typed, meant) in near {
      let run = try MNISTCommandLine.run([typed])
      #expect(
        run.status == 64 && run.messages.contains("'\(typed)'. Did you mean '\(meant)'?"), "\(run.messages)")
    }
    #expect(!(try MNISTCommandLine.run(["nosuchcommand"]).messages.contains("Did you mean")))
    #expect(
      try MNISTCommandLine.run(["download", "--dataset", "fasion"]).messages.contains(
        "one of 'digits' and 'fashion'"))
  }

  /// An option that conflicts with the data is a usage error too.
  @Test func tooManyValidationImages() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "420", "--model", data.file("m"),
    ])
    #expect(run.status == 64)
    #expect(run.messages.contains("420 validation images out of 420") && run.output.isEmpty)
    #expect(try data.otherFiles.isEmpty)
  }

  @Test func helpAndVersionAreResults() throws {
    for command in ["train", "evaluate", "predict", "report", "summary", "download", "doctor"] {
      let run = try MNISTCommandLine.run([command, "--help"])
      #expect(run.status == 0 && run.messages.isEmpty)
      #expect(run.output.contains("EXAMPLE") && run.output.contains("mnist \(command)"))
      // Every example is complete on its line.
      let lines = run.lines.drop { !$0.contains("EXAMPLES") }.dropFirst()
      let examples = lines.prefix { $0.hasPrefix("  ") }
      #expect(examples.allSatisfy { $0.hasPrefix("  mnist ") && $0.count < 80 }, "\(examples)")
    }
    #expect(try MNISTCommandLine.run(["--help"]).output.contains("training diverged"))
    let version = try MNISTCommandLine.run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test func importantOptionsComeFirst() throws {
    let help = try MNISTCommandLine.run(["help", "train"]).output
    let order = [
      "MAIN OPTIONS", "--data <dir>", "--dataset <name>", "--epochs <n>", "--batch-size <n>",
      "--learning-rate <rate>", "--model <file>", "--report <file>", "CHECKPOINTS", "--checkpoint <dir>",
      "LEARNING-RATE SCHEDULE", "REGULARIZATION", "EARLY STOPPING", "\nOPTIONS", "--seed <n>",
    ]
    var rest = help[...]
    for text in order {
      let found = try #require(rest.range(of: text), "\(text) is not in its place")
      rest = rest[found.upperBound...]
    }
    // Values and defaults have one format.
    #expect(!help.contains(") ("), "\(help)")
  }

  /// Old spellings, and the name of the same option in another command.
  @Test func hiddenAliases() throws {
    let data = try SmallMNIST()
    let download = try MNISTCommandLine.run([
      "download", "--dataset", "mnist", "--to", data.file("x"), "--quiet",
    ])
    #expect(download.status == 1 && download.messages.contains("cannot download"), "\(download.messages)")
    let model = data.file("m.safetensors")
    let train = ["train", "--data", data.path, "--epochs", "1", "--validation", "0", "--quiet"]
    #expect(try MNISTCommandLine.run(train + ["--model", model]).status == 0)
    let report = try MNISTCommandLine.run([
      "report", "--model", model, "--data", data.path, "--report", data.file("a.html"),
    ])
    #expect(report.status == 0 && report.output == "report  \(data.file("a.html"))\n", "\(report.messages)")
    let both = ["report", "--model", model, "--to", "a.html", "--report", "b.html"]
    #expect(try MNISTCommandLine.run(both).status == 64)
    #expect(try !MNISTCommandLine.run(["help", "report"]).output.contains("--report"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    for command in [MNISTCommandLine.executable, CommandProcess.executable("bench")] {
      let run = try CommandProcess(command, ["--generate-completion-script", shell])
      #expect(run.status == 0 && run.messages.isEmpty)
      #expect(run.output.contains(command.lastPathComponent == "mnist" ? "download" : "layers"))
    }
  }
}

/// The arguments as the kernel passes them.
@Suite struct ArgumentBytesTests {
  /// The remedy is tried: the pattern matches the file.
  @Test func anArgumentThatIsNotUTF8IsNamedWithItsBytes() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.shell(
      #"""
      cd "$DIR"
      name="$(printf 'caf\351 1.png')"
      printf x > "$name"
      "$MNIST" predict --model "--m=$name" 2> messages
      "$MNIST" predict "--model=$name" 2>> messages
      echo $?
      eval "$(tail -n 1 messages | sed 's/.*instead: //')"
      cat plain-name
      """#, folder: data.path)
    let messages = try String(contentsOfFile: data.file("messages"), encoding: .utf8)
    #expect(run.output == "64\nx", "\(messages)")
    #expect(messages.contains(#"the argument --model=caf\xe9 1.png is not UTF-8; "#), "\(messages)")
  }
}
