import ConvNetFiles
import Foundation
import Testing

/// `mnist train --log`: one row per epoch, even on a full disk.
@Suite struct MNISTLogTests {
  private func train(_ data: SmallMNIST, _ options: String...) throws -> CommandProcess {
    try MNISTCommandLine.run(
      ["train", "--data", data.path, "--validation", "100", "--quiet", "--json"] + options)
  }

  private func lines(_ path: String) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  private static let columns = [
    "seed", "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate",
    "images_per_second", "seconds",
  ]

  @Test func csvHasTheNumbersOfTheJSONOutput() throws {
    let data = try SmallMNIST()
    let log = data.file("log.csv")
    let run = try train(data, "--epochs", "3", "--seed", "7", "--schedule", "step", "--log", log)
    #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
    let (rows, lines) = (try run.rows(), try lines(log))
    try #require(rows.count == 4 && lines.count == 4, "\(lines)")
    #expect(lines[0] == Self.columns.joined(separator: ","))
    for (index, line) in lines.dropFirst().enumerated() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      try #require(cells.count == Self.columns.count)
      #expect(cells[0] == "7" && cells[6] == ["0.001", "0.0001", "1e-05"][index], "\(line)")
      for (column, cell) in zip(Self.columns, cells) where column != "seed" && column != "learning_rate" {
        let (ours, json) = (try #require(Double(cell)), try #require(rows[index][column] as? Double))
        // Foundation's parser is sometimes off by the last digit.
        #expect(abs(ours - json) <= 1e-15 * abs(json), "\(column) of \(line)")
      }
    }
  }

  @Test func jsonLinesAreAppended_withoutUnknownValues() throws {
    let data = try SmallMNIST()
    let log = data.file("LOG.JSONL")
    for seed in ["1", "2"] {
      #expect(try train(data, "--epochs", "2", "--seed", seed, "--log", log, "--validation", "0").status == 0)
    }
    let rows = try lines(log).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(rows.map { $0["seed"] as? Int } == [1, 1, 2, 2])
    #expect(rows.map { $0["epoch"] as? Int } == [1, 2, 1, 2])
    for row in rows {
      #expect(Set(row.keys) == Set(Self.columns).subtracting(["validation_loss", "validation_accuracy"]))
    }
  }

  @Test func withoutValidationTheCellsAreEmpty() throws {
    let data = try SmallMNIST()
    let log = data.file("log.csv")
    #expect(try train(data, "--epochs", "1", "--validation", "0", "--log", log).status == 0)
    #expect(try lines(log)[1].contains(",,,0.001,"))
  }

  @Test func anUnusableLogIsRefusedBeforeTraining() throws {
    let data = try SmallMNIST()
    let letters = data.file("letters.csv")
    try Data("dear,sir\n".utf8).write(to: URL(fileURLWithPath: letters))
    for (log, text) in [
      (letters, "does not begin with"), (data.file("no/log.csv"), "create the folder first"),
      (data.file("t10k-labels-idx1-ubyte/log.csv"), "not a folder"),
    ] {
      let run = try train(data, "--log", log, "--model", data.file("m"))
      #expect(run.status == 1 && run.output.isEmpty && run.messages.contains(text), "\(run.messages)")
    }
    #expect(try lines(letters) == ["dear,sir"])
    #expect(try data.otherFiles == ["letters.csv"])
  }

  /// A file size limit simulates a disk with room for the model but not for the second row.
  @Test func aFullDiskIsAnErrorAtTheEnd_andTheModelIsWritten() throws {
    let data = try SmallMNIST()
    let (log, limit) = (data.file("log.csv"), 600 * 1024)
    var start = Self.columns.joined(separator: ",") + "\n"
    start += String(repeating: "0\n", count: (limit - 150 - start.utf8.count) / 2)
    try Data(start.utf8).write(to: URL(fileURLWithPath: log))
    let line = #"""
      trap '' XFSZ
      ulimit -f 1200
      exec "$MNIST" train --data "$DIR" --validation 100 --epochs 4 --json --log "$DIR/log.csv" --model "$DIR/m"
      """#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.status == 1, "\(run.messages)")
    #expect(
      run.messages.contains("warning: the log ends here, but training continues: cannot write \(log): "))
    #expect(run.messages.contains("epoch 4/4"))
    #expect(
      run.messages.contains(
        "error: the log is incomplete, but everything else is done: cannot write \(log): "))
    #expect(try run.rows().count == 5)
    #expect(try ModelFile(contentsOf: data.file("m")).notes["epochs"] == "4")
    // The rows in the file are complete.
    let (before, after) = (start.split(separator: "\n").map(String.init), try lines(log))
    #expect(Array(after.prefix(before.count)) == before)
    #expect((1...2).contains(after.count - before.count), "\(after.count - before.count)")
    #expect(after.dropFirst(before.count).allSatisfy { $0.split(separator: ",").count == Self.columns.count })
  }
}
