import Foundation

/// Prints rows as they come, as JSON or as an aligned table.
struct Report {
  let json: Bool
  private let names: [String]
  private let table: AlignedTable

  /// - Parameter names: of all cases that will come.
  init(json: Bool, names: [String]) {
    (self.json, self.names) = (json, names)
    table = AlignedTable(first: "case", names: names, columns: Report.columns.map { ($0.title, $0.width) })
  }

  private struct Column: Sendable {
    let title: String
    let width: Int
    let text: @Sendable (BenchRow) -> String
  }

  private static let columns = [
    Column(title: "threads", width: 7) { String($0.threads) },
    Column(title: "images/s", width: 9) { $0.imagesPerSecond.map { fixed($0, $0 < 100 ? 1 : 0) } ?? "" },
    Column(title: "GFLOP/s", width: 8) { fixed($0.gflops, 1) },
    Column(title: "of sgemm", width: 8) { fixed($0.fractionOfSgemm * 100, 0) + " %" },
    Column(title: "ms", width: 9) { fixed($0.seconds * 1e3, 3) },
    Column(title: "predicted", width: 9) { $0.predictedSeconds.map { fixed($0 * 1e3, 3) } ?? "" },
    Column(title: "scratch KiB", width: 11) { $0.plan.scratchBytes.map(kibibytes) ?? "" },
    Column(title: "prepared KiB", width: 12) { $0.plan.preparedBytes.map(kibibytes) ?? "" },
    Column(title: "lowering", width: 9) { $0.plan.lowering ?? "" },
  ]

  /// The table's head.
  func begin() throws {
    if !json { try table.head() }
  }

  /// One measured case.
  func add(_ row: BenchRow) throws {
    if json { return try StandardOutput.say(row.json.line) }
    try table.line(row.name, Report.columns.map { $0.text(row) })
  }

  /// How rates grew with the workers; nothing where there was one number of them.
  func scaling(_ rows: [ScalingRow]) throws {
    guard !rows.isEmpty else { return }
    if json {
      for row in rows { try StandardOutput.say(row.json.line) }
      return
    }
    let table = AlignedTable(
      first: "scaling", names: names,
      columns: [("threads", 9), ("GFLOP/s", 15), ("ratio", 6), ("sgemm's", 8)])
    try StandardOutput.say("")
    try table.head()
    for row in rows {
      try table.line(
        row.name,
        [
          "\(row.base.threads) -> \(row.other.threads)",
          "\(fixed(row.base.gflops, 0)) -> \(fixed(row.other.gflops, 0))", fixed(row.ratio, 2),
          fixed(row.sgemmRatio, 2),
        ])
    }
  }
}

/// A number with so many digits behind the point.
func fixed(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

private func kibibytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1024, 0) }
