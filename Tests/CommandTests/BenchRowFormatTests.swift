import Foundation
import Testing

/// The rows of `bench --json` have the format of commit 1ea83b6: figures, tables, and `bench compare` read them.
@Suite(.serialized) struct BenchRowFormatTests {
  /// The commands of the fixtures, without the seconds; `profile` with the option's old name.
  private static let commands: [(fixture: String, arguments: [String])] = [
    ("gemm", ["gemm", "--threads", "1,2", "--shapes"]),
    ("layers", ["layers", "--threads", "1,2", "--only", "first,wide", "--shapes"]),
    ("lenet", ["lenet", "--threads", "1,2", "--batches", "2"]),
    ("profile", ["profile", "--batch", "16"]),
    ("alexnet", ["alexnet", "--threads", "1", "--batches", "1"]),
    ("alexnet-profile", ["alexnet", "--threads", "1", "--batches", "1", "--profile"]),
    ("alexnet-memory", ["alexnet", "--threads", "1", "--batches", "1", "--memory"]),
  ]

  /// The identity of a row: its case or scaling, and the number of threads.
  private func key(_ row: JSON) -> [String?: JSON?] {
    ["case": row["case"], "scaling": row["scaling"], "threads": row["threads"]]
  }

  /// Checks that each row of a fixture has a counterpart with the same members.
  private func expect(_ rows: [JSON], as fixture: String) throws {
    for expected in try CommandFixtures.rows("bench/\(fixture).jsonl") {
      let row = try #require(rows.first { key($0) == key(expected) }, "\(key(expected))")
      #expect(row.isLike(expected), "\(row)")
    }
  }

  @Test(.enabled(if: BenchProcess.isRelease), arguments: commands)
  func rows(fixture: String, arguments: [String]) throws {
    let shapes = try ShapesFixture(ShapesFixture.small)
    let file = arguments.last == "--shapes" ? [shapes.url.path] : []
    let bench = try BenchProcess(arguments + file + ["--json", "--seconds", "0"])
    #expect(bench.status == 0, "\(bench.messages)")
    try expect(JSON.rows(bench.output), as: fixture)
  }

  @Test(.enabled(if: BenchProcess.isRelease)) func rowsOfComparisons() throws {
    let bench = try BenchProcess(["compare", CommandFixtures.path("bench/gemm.jsonl"), "--json"])
    #expect(bench.status == 0 || bench.messages.contains("slower"), "\(bench.messages)")
    try expect(JSON.rows(bench.output), as: "compare")
  }

  /// `bench compare` reads every kind of row; it reports only the invalid line that follows them.
  @Test(arguments: ["gemm", "layers", "lenet", "alexnet"]) func baselines(fixture: String) throws {
    let text = try CommandFixtures.text("bench/\(fixture).jsonl")
    let lines = text.split(separator: "\n").count
    #expect(lines > 1)
    let file = try ShapesFixture(text + "the end\n")
    let bench = try BenchProcess(["compare", file.url.path])
    #expect(bench.status == 1 && bench.output.isEmpty)
    #expect(
      bench.messages.contains("line \(lines + 1) of the baseline: it is not a JSON object"),
      "\(bench.messages)")
  }
}
