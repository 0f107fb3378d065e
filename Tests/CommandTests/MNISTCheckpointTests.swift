import ConvNetFiles
import Foundation
import Im2col
import Testing

/// Interrupted and resumed runs of the built command.
@Suite struct MNISTCheckpointTests {
  private let data: SmallMNIST
  private let folder: String
  private static let base = ["--validation", "100", "--batch-size", "16", "--epochs", "3"]

  init() throws {
    data = try SmallMNIST()
    folder = data.file("run")
  }

  private func train(_ options: String..., environment: [String: String] = [:]) throws -> CommandProcess {
    try MNISTCommandLine.run(["train", "--data", data.path] + Self.base + options, environment: environment)
  }

  /// Trains with checkpoints.
  private func save(_ options: String..., environment: [String: String] = [:]) throws -> CommandProcess {
    try MNISTCommandLine.run(
      ["train", "--data", data.path, "--checkpoint", folder] + Self.base + options, environment: environment)
  }

  /// Runs a shell command line in which `$TRAIN` starts a run with checkpoints in `$RUN`.
  private func shell(_ line: String) throws -> CommandProcess {
    let options = ["--data", data.path, "--checkpoint", folder] + Self.base
    return try CommandProcess(
      shell: line,
      environment: [
        "TRAIN": ([MNISTCommandLine.executable.path, "train"] + options).joined(separator: " "),
        "RUN": folder,
        "DIR": data.path, "MNIST_DIR": "",
      ])
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
  }

  /// The lines of a result without measured times and the model's path.
  private func timeless(_ lines: [String]) -> [String] {
    lines.map { $0.replacing(/,"(images_per_second|seconds)":[0-9.e+]+|,"model":"[^"]*"/, with: "") }
  }

  /// The last checkpoint without measured times.
  private func finalState() throws -> [String] {
    let found = try #require(try CheckpointFolder(folder).newest().found).checkpoint
    return [
      found.model.digest, ParameterDigest.hexadecimal(of: found.optimizerState.firstMoment),
      ParameterDigest.hexadecimal(of: found.optimizerState.secondMoment), "\(found.step)",
      "\(found.progress.completed.map { [$0.training, $0.validation] })",
    ]
  }

  // MARK: - The same bits

  @Test func repeatedKillsEndWithTheSameBits() throws {
    let whole = try save("--json", "--quiet", "--epochs", "5", "--model", data.file("whole"))
    #expect(whole.status == 0, "\(whole.messages)")
    let expected = try finalState()
    try FileManager.default.removeItem(atPath: folder)

    // Each process has another number of threads and is killed some milliseconds after its first checkpoint.
    let run = try shell(
      #"""
      for pause in 0.013 0.002 0.020 0.007 0.011; do
        before=$(ls "$RUN" 2>&1)
        $TRAIN --epochs 5 --every 1 --resume --json --threads $((${threads:-0} % 3 + 1)) >> "$DIR/lines" 2>> "$DIR/messages" &
        threads=$((${threads:-0} + 1))
        for tick in $(seq 1000); do
          if [ "$(ls "$RUN" 2>&1)" != "$before" ] && ls "$RUN" | grep -q step; then break; fi
          sleep 0.01
        done
        sleep $pause
        kill -9 $!
        wait $!
        echo "$?" >> "$DIR/statuses"
      done
      $TRAIN --epochs 5 --resume --json --model "$DIR/again" 2>> "$DIR/messages"
      """#)
    #expect(run.status == 0, "\(run.messages)")
    let statuses = try String(contentsOfFile: data.file("statuses"), encoding: .utf8)
    #expect(statuses == String(repeating: "137\n", count: 5))
    #expect(try finalState() == expected)
    #expect(try contents("again") == contents("whole"))
    // Every printed line is a line of the uninterrupted run.
    let earlier = try String(contentsOfFile: data.file("lines"), encoding: .utf8)
    let lines = timeless(earlier.split(separator: "\n").map(String.init) + run.lines)
    #expect(Set(lines) == Set(timeless(whole.lines)), "\(lines)")
    #expect(try !names.contains { $0.hasSuffix(".tmp") })
  }

  private func contents(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: data.file(name)))
  }

  @Test(
    arguments: [
      ("HUP", Int32(129)), ("INT", 130), ("TERM", 143), ("USR1", 138), ("USR2", 140), ("XCPU", 152),
    ])
  func aSignalSavesAndEnds_andResumeContinues(signal: String, status: Int32) throws {
    let whole = try train("--json", "--quiet", "--epochs", "8")
    let run = try shell(
      #"""
      env --default-signal=\#(signal) $TRAIN --every 1 --json --epochs 300 > "$DIR/lines" 2> "$DIR/messages" &
      for tick in $(seq 1000); do ls "$RUN" 2> "$DIR/none" | grep -q step && break; sleep 0.01; done
      kill -\#(signal) $!
      wait $!
      """#)
    #expect(run.status == status, "\(run.messages)")
    let messages = try String(contentsOfFile: data.file("messages"), encoding: .utf8)
    let saved = try #require(try names.last)
    #expect(saved.hasPrefix("step-"))
    #expect(
      messages.hasSuffix(
        "interrupted; the state is saved in \(folder)/\(saved); run the same command with --resume to "
          + "continue\n"), "\(messages)")
    #expect(try !String(contentsOfFile: data.file("lines"), encoding: .utf8).contains("final"))

    // Fewer epochs than before are allowed if they are not yet over.
    let rest = try save("--resume", "--json", "--epochs", "8")
    #expect(rest.status == 0, "\(rest.messages)")
    #expect(rest.messages.contains("resuming from \(folder)/\(saved): "))
    #expect(timeless(rest.lines).last == timeless(whole.lines).last)
  }

  @Test func aCompletedRunIsOnlyTested_orContinuesForMoreEpochs() throws {
    let first = try save("--json", "--epochs", "2")
    let again = try save("--json", "--epochs", "2", "--resume", "--model", data.file("m"))
    #expect(again.status == 0)
    #expect(again.messages.contains("all 2 epochs are done in \(folder)/step-00000040.safetensors"))
    #expect(timeless(again.lines) == timeless([try #require(first.lines.last)]))
    #expect(try ModelFile(contentsOf: data.file("m")).notes["epochs"] == "2")

    let longer = try save("--json", "--epochs", "3", "--resume")
    #expect(longer.messages.contains("step-00000040.safetensors: the end of epoch 2"))
    #expect(try timeless(longer.lines) == timeless(train("--json").lines.suffix(2)))
  }

  // MARK: - Kept checkpoints

  @Test func everyEpochIsSaved_andKeepLimitsTheirNumber() throws {
    let run = try save("--epochs", "5", "--keep", "2", "--quiet")
    #expect(run.status == 0, "\(run.messages)")
    let best = try #require(try CheckpointFolder(folder).newest().found?.checkpoint.progress.lowestLossEpoch)
    let steps = Set([100, 80, 20 * (best + 1)])
    #expect(try names == [".lock"] + steps.sorted().map { String(format: "step-%08d.safetensors", $0) })
    // A checkpoint is also a model file.
    let evaluation = try MNISTCommandLine.run(
      ["evaluate", "--data", data.path, "--json", "--model", "\(folder)/step-00000100.safetensors"])
    #expect(evaluation.status == 0, "\(evaluation.messages)")
  }

  @Test func aDamagedCheckpointIsSkippedAndReported() throws {
    let whole = try save("--json")
    let newest = "\(folder)/step-00000060.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: newest))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: newest))
    let again = try save("--json", "--resume")
    #expect(again.status == 0)
    #expect(again.messages.contains("warning: skipped a checkpoint: \(newest): its content has the SHA-256"))
    #expect(again.messages.contains("resuming from \(folder)/step-00000040.safetensors: the end of epoch 2"))
    #expect(timeless(again.lines) == timeless(Array(whole.lines.suffix(2))))

    for name in try names where name.hasPrefix("step-") {
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    let none = try save("--json", "--resume")
    #expect(none.status == 1 && none.output.isEmpty && none.messages.contains("remove them to start"))
  }

  // MARK: - Refused folders and options

  @Test func aFolderWithCheckpointsNeedsResume() throws {
    let empty = try save("--resume", "--epochs", "1", "--quiet")
    #expect(empty.status == 0 && empty.messages.isEmpty)
    let before = try names
    let second = try save("--epochs", "1")
    #expect(second.status == 64 && second.output.isEmpty)
    #expect(second.messages.contains("resume it with --resume"), "\(second.messages)")
    #expect(try names == before)
  }

  @Test func anEmptyFolderStartsFromTheBeginning() throws {
    let run = try save("--resume", "--epochs", "1")
    #expect(run.status == 0)
    #expect(run.messages.contains("no checkpoint in \(folder); starting from the beginning"))
  }

  @Test func changedOptionsAreRefusedWithBothValues() throws {
    #expect(try save("--quiet", "--epochs", "2").status == 0)
    let before = try finalState()
    for (option, value, text) in [
      ("--seed", "1", "--seed was 0 and is now 1"),
      ("--batch-size", "17", "--batch-size was 16 and is now 17"),
      ("--learning-rate", "0.002", "--learning-rate was 0.001 and is now 0.002"),
      ("--scale", "256", "--scale was 255 and is now 256"),
      ("--limit", "99", "was 320 and is now 99"), ("--validation", "90", "was 100 and is now 90"),
      ("--epochs", "1", "--epochs is 1, but the run is already at the end of epoch 2"),
    ] {
      let run = try save("--resume", option, value, "--model", data.file("m"))
      #expect(run.status == 64 && run.output.isEmpty, "\(option): \(run.messages)")
      #expect(run.messages.contains(text), "\(run.messages)")
      #expect(!FileManager.default.fileExists(atPath: data.file("m")))
    }
    #expect(try finalState() == before)

    try data.replace("train-images-idx3-ubyte") { $0[1000] ^= 1 }
    let run = try save("--resume")
    #expect(run.status == 1 && run.messages.contains("the images' SHA-256 was "), "\(run.messages)")
  }

  /// Skipped if OpenBLAS has the kernels of only one CPU.
  @Test(
    .enabled(
      if: BLAS.version.contains("DYNAMIC_ARCH") && isX86, "needs an OpenBLAS with kernels for several CPUs"))
  func otherKernelsAreAWarning() throws {
    #expect(try save("--epochs", "1", "--quiet").status == 0)
    let other = ["OPENBLAS_CORETYPE": "Prescott"]
    let run = try save("--epochs", "2", "--resume", "--quiet", environment: other)
    #expect(run.status == 0)
    #expect(run.messages.hasPrefix("warning: OpenBLAS rounds differently"), "\(run.messages)")
    #expect(run.messages.contains("Prescott") && run.messages.contains("not be bit-identical"))
    // The same kernels give no warning.
    #expect(try save("--epochs", "3", "--resume", "--quiet", environment: other).messages.isEmpty)
  }

  @Test func twoRunsCannotShareAFolder() throws {
    let run = try shell(
      #"""
      $TRAIN --epochs 300 --quiet > "$DIR/first" 2>&1 &
      for tick in $(seq 1000); do ls "$RUN" 2> "$DIR/none" | grep -q step && break; sleep 0.01; done
      $TRAIN --epochs 300 --resume
      status=$?
      kill -9 $!
      wait $!
      $TRAIN --epochs 300 --seed 9 --resume 2> "$DIR/third"
      echo "$? $status"
      """#)
    // The lock of a killed run is released: the third process gets as far as checking the options.
    #expect(run.output == "64 1\n")
    #expect(run.messages.contains("error: another training run (process "), "\(run.messages)")
  }

  // MARK: - Failures

  @Test func aRemovedFolderEndsTheRun() throws {
    let run = try shell(
      #"""
      $TRAIN --epochs 300 --model "$DIR/m" &
      for tick in $(seq 1000); do ls "$RUN" 2> "$DIR/none" | grep -q step && break; sleep 0.01; done
      rm -rf "$RUN"
      wait $!
      """#)
    #expect(run.status == 1 && run.output.isEmpty)
    // A save during the removal reports the missing file.
    #expect(
      run.messages.contains("error: the folder \(folder) was removed or replaced")
        || run.messages.contains("\(folder)/step-"), "\(run.messages)")
    #expect(!FileManager.default.fileExists(atPath: data.file("m")))
  }

  /// A file size limit simulates a full disk.
  @Test func aFullDiskEndsTheRun_andKeepsTheOldCheckpoint() throws {
    #expect(try save("--epochs", "1", "--quiet").status == 0)
    let before = try (names, finalState())
    let run = try shell(#"ulimit -f 700; $TRAIN --resume --model "$DIR/m""#)
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.messages.contains("step-00000040.safetensors: File too large"), "\(run.messages)")
    #expect(try (names, finalState()) == before)
    #expect(!FileManager.default.fileExists(atPath: data.file("m")))
  }

  @Test func divergenceKeepsAndReportsTheLastValidCheckpoint() throws {
    let run = try save("--learning-rate", "1e30", "--every", "1", "--json")
    #expect(run.status == 3 && run.output.isEmpty)
    let saved = try #require(try names.last)
    #expect(
      run.messages.contains("no model was written, and the last valid checkpoint is \(folder)/\(saved)"),
      "\(run.messages)")
    #expect(try CheckpointFolder(folder).newest().found != nil)
  }
}

#if arch(x86_64)
  private let isX86 = true
#else
  private let isX86 = false
#endif
