import Foundation
import Im2col

/// Prints rows as they come, as JSON or as an aligned table.
struct Report {
  let json: Bool
  private let names: [String]
  private let columns: Columns
  private let table: AlignedTable

  /// - Parameter names: The names of all cases.
  init(json: Bool, names: [String], columns: Columns) {
    (self.json, self.names, self.columns) = (json, names, columns)
    table = AlignedTable(first: "case", names: names, columns: columns.all.map { ($0.title, $0.width) })
  }

  struct Column: Sendable {
    let title: String
    let width: Int
    let text: @Sendable (BenchRow) -> String
  }

  /// The columns that a kind of case fills.
  struct Columns: Sendable {
    let all: [Column]

    /// `lenet` and `alexnet`.
    static let networks = Columns(
      all: [
        threads,
        Column(title: "images/s", width: 9) {
          $0.imagesPerSecond.map { $0 < 100 ? fixed($0, 1) : Int($0.rounded()).grouped } ?? ""
        },
        gflops, ofSgemm, milliseconds,
      ])

    static let layers = Columns(
      all: [
        threads, gflops, ofSgemm, milliseconds,
        Column(title: "predicted ms", width: 12) { $0.predictedSeconds.map { fixed($0 * 1e3, 3) } ?? "" },
        Column(title: "scratch KiB", width: 11) { $0.plan.scratchBytes.map(kibibytes) ?? "" },
        Column(title: "shared KiB", width: 10) { $0.plan.preparedBytes.map(kibibytes) ?? "" },
        Column(title: "lowering", width: 9) { $0.plan.lowering ?? "" },
      ])

    /// `gemm`.
    static let products = Columns(all: [threads, gflops, ofSgemm, milliseconds])

    private static let threads = Column(title: "threads", width: 7) { String($0.threads) }
    private static let gflops = Column(title: "GFLOP/s", width: 8) { fixed($0.gflops, 1) }
    private static let ofSgemm = Column(title: "of sgemm", width: 8) { percent($0.fractionOfSgemm) }
    private static let milliseconds = Column(title: "ms", width: 9) { fixed($0.seconds * 1e3, 3) }
  }

  /// Prints the header of the table.
  func begin() throws {
    if !json { try table.head() }
  }

  /// Prints a measured case.
  func add(_ row: BenchRow) throws {
    if json { return try StandardOutput.say(row.json.line) }
    try table.line(row.name, columns.all.map { $0.text(row) })
  }

  /// Prints how the rates scale with the number of workers; nothing for one number of workers.
  func scaling(_ rows: [ScalingRow]) throws {
    guard !rows.isEmpty else { return }
    if json {
      for row in rows { try StandardOutput.say(row.json.line) }
      return
    }
    let table = AlignedTable(
      first: "scaling", names: names,
      columns: [("threads", 9), ("GFLOP/s", 15), ("ratio", 6), ("of sgemm", 8)])
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

/// Formats a number with a number of decimals.
func fixed(_ number: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", number) }

/// Formats a fraction as whole percent.
func percent(_ fraction: Double) -> String { fixed(fraction * 100, 0) + "%" }

private func kibibytes(_ bytes: Int) -> String { Int((Double(bytes) / 1024).rounded()).grouped }
