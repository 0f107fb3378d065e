import ArgumentParser
import Im2col

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Measures the cases of an earlier run again and reports which are slower.",
    discussion: """
      The baseline holds the rows of an earlier run with --json. The speed of a machine drifts, so each rate is \
      compared as a fraction of the rate of sgemm in the same process. A case that seems slower is measured up \
      to three times, and the best time counts. The exit status is 1 if a case is slower by more than the tolerance.

      EXAMPLE
        bench layers --json > before.json
        bench compare before.json --tolerance 5
      """)

  @Argument(help: ArgumentHelp("A file of JSON lines.", valueName: "file"))
  var baseline: String

  @Option(help: ArgumentHelp("Allowed slowdown in percent.", valueName: "percent"))
  var tolerance = 10.0

  @Flag(help: "Print one JSON object per line.")
  var json = false

  private static let attempts = 3

  func validate() throws {
    guard tolerance >= 0, tolerance < 100 else {
      throw ValidationError("--tolerance is \(tolerance); it must be at least 0 and below 100.")
    }
  }

  func run() throws {
    let rows = try Baseline.read(path: baseline)
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    var pools: [Int: WorkerPool] = [:]
    for threads in rows.map(\.threads) where pools[threads] == nil {
      pools[threads] = try WorkerPool(threads: threads)
    }
    MachineHeader.say(threads: IntegerList(pools.keys.sorted()))

    let report = ComparisonReport(json: json, names: rows.map(\.item.name))
    try report.begin()
    var slower = 0
    for row in rows {
      guard let pool = pools[row.threads] else { continue }
      let change = try change(of: row, pool)
      if change.isSlower(than: tolerance) { slower += 1 }
      try report.add(change, tolerance: tolerance)
    }
    StandardError.say("\(slower) of \(rows.count) cases are more than \(fixed(tolerance, 0))% slower")
    if slower > 0 { throw ExitCode.failure }
  }

  private func change(of row: RecordedRow, _ pool: WorkerPool) throws -> Change {
    let measurement = try Measurement(row.item, pool)
    var change = Change(row: row, fraction: try measurement.row(seconds: row.seconds).fractionOfSgemm)
    for _ in 1..<CompareCommand.attempts where change.isSlower(than: tolerance) {
      let again = Change(row: row, fraction: try measurement.row(seconds: row.seconds).fractionOfSgemm)
      if again.fraction > change.fraction { change = again }
    }
    return change
  }
}

/// A case in the baseline and now.
struct Change {
  let row: RecordedRow
  /// The current fraction of sgemm's rate.
  let fraction: Double

  /// The change of speed in percent; negative if the case is slower.
  var percent: Double { (fraction / row.fractionOfSgemm - 1) * 100 }

  func isSlower(than tolerance: Double) -> Bool { percent < -tolerance }
}

/// Prints each change when it is measured.
struct ComparisonReport {
  let json: Bool
  private let table: AlignedTable

  init(json: Bool, names: [String]) {
    self.json = json
    table = AlignedTable(
      first: "case", names: names,
      columns: [("threads", 7), ("baseline", 8), ("now", 8), ("change", 7), ("", 6)])
  }

  func begin() throws {
    if !json { try table.head() }
  }

  func add(_ change: Change, tolerance: Double) throws {
    let verdict =
      change.isSlower(than: tolerance) ? "slower" : change.percent > tolerance ? "faster" : "same"
    if json {
      return try StandardOutput.say(
        JSONObject([
          JSONField("case", .text(change.row.item.name)), JSONField("threads", .integer(change.row.threads)),
          JSONField("fraction_of_sgemm_then", .number(change.row.fractionOfSgemm)),
          JSONField("fraction_of_sgemm", .number(change.fraction)),
          JSONField("change_percent", .number(change.percent)), JSONField("verdict", .text(verdict)),
        ]).line)
    }
    try table.line(
      change.row.item.name,
      [
        String(change.row.threads), fixed(change.row.fractionOfSgemm * 100, 1) + "%",
        fixed(change.fraction * 100, 1) + "%",
        (change.percent > 0 ? "+" : "") + fixed(change.percent, 0) + "%",
        verdict == "same" ? "" : verdict,
      ])
  }
}
