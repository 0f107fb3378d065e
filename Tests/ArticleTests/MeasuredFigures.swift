import Foundation
import figures

/// A number before a unit of measurement in a text: `68.4 GFLOP/s`, `42%`.
struct Figure: Hashable, CustomStringConvertible {
  let number: String
  let unit: String

  var description: String { unit == "%" ? number + unit : number + " " + unit }

  /// The figures in a text, in order.
  static func all(in prose: String) -> [Figure] {
    let pattern =
      /(?:^|[^\w.,])(\d[\d,]*(?:\.\d+)?)[ \n]?(images\/s|GFLOP\/s|ms|us|MB|%|times)(?![\w\/])/
    return prose.matches(of: pattern).map { Figure(number: String($0.1), unit: String($0.2)) }
  }
}

/// Every figure that a text may state because it was measured: the numbers in `Benchmarks/measured` by unit, and the
/// ratios, means and percentages computed from them.
struct MeasuredFigures {
  private var values: [String: [Double]] = [:]

  /// Whether a number was measured, rounded to the digits with which it is printed.
  func contains(_ figure: Figure) -> Bool {
    let number = figure.number.replacing(",", with: "")
    let decimals = number.split(separator: ".").dropFirst().first?.count ?? 0
    return values[figure.unit, default: []].contains { String(format: "%.\(decimals)f", $0) == number }
  }

  init(folder: URL) throws {
    let measured = MeasuredFolder(path: folder.path)
    for name in ["lenet", "alexnet", "alexnet-one-tower", "layers", "kinds"] {
      try add(comparison: name + ".jsonl", measured)
    }
    for name in ["profile", "gemm", "memory"] {
      for row in try measured.lines(BenchRow.self, name + ".jsonl") { add(row) }
    }
    try addTrainings(measured)
  }

  private mutating func add(_ unit: String, _ numbers: [Double?]) {
    values[unit, default: []] += numbers.compactMap { $0 }
  }

  // MARK: - Rates

  private mutating func add(comparison name: String, _ measured: MeasuredFolder) throws {
    let unit = try measured.header(name).unit == "gflops" ? "GFLOP/s" : "images/s"
    let cases = try measured.lines(ComparedCase.self, name)
    for item in cases {
      add(unit, item.ours + item.peer)
      add("times", item.ratios)
    }
    // Geometric means over all cases of a kind: forward, train, or the grouped layers forward.
    for key in [{ String($0.split(separator: "/").last ?? "") }, Self.work, Self.kind] {
      add(
        "times",
        Dictionary(grouping: cases) { key($0.name) }.values.map { $0.map(\.medianRatio).geometricMean })
    }
  }

  /// `train` of `lenet5/train/b1`.
  private static func work(_ name: String) -> String { String(name.split(separator: "/")[1]) }

  /// `grouped forward` of `layer/grouped_3/forward`.
  private static func kind(_ name: String) -> String { name.replacing(/_\d+\//, with: " ") }

  /// What a row of `bench --json` may hold.
  private struct BenchRow: Decodable {
    let gflops, sgemm_gflops, milliseconds, microseconds_per_image, share: Double?
    let peak_bytes, allowed_bytes, parameter_bytes, activation_bytes, scratch_bytes: Double?
  }

  private mutating func add(_ row: BenchRow) {
    add("GFLOP/s", [row.gflops, row.sgemm_gflops])
    add("ms", [row.milliseconds])
    add("us", [row.microseconds_per_image])
    add("%", [row.share.map { $0 * 100 }])
    if let gflops = row.gflops, let sgemm = row.sgemm_gflops { add("%", [gflops / sgemm * 100]) }
    let bytes = [
      row.peak_bytes, row.allowed_bytes, row.parameter_bytes, row.activation_bytes, row.scratch_bytes,
    ]
    add("MB", bytes.map { $0.map { $0 / 1e6 } })
    add("MB", [row.parameter_bytes.map { 3 * $0 / 1e6 }])
  }

  // MARK: - Errors and accuracies

  private struct EpochLine: Decodable { let test_accuracy: Double? }

  private struct Regularization: Decodable {
    struct Run: Decodable {
      let arm: String
      let testErrors: [Double]
    }
    let runs: [Run]
  }

  private mutating func addTrainings(_ measured: MeasuredFolder) throws {
    let plain = try (0..<5).map { seed in
      try measured.lines(EpochLine.self, "learning-seed\(seed).jsonl").last?.test_accuracy ?? .nan
    }
    let accurate = try measured.lines(EpochLine.self, "accurate.jsonl").compactMap(\.test_accuracy)
    for accuracies in [plain, accurate] {
      let all = accuracies + [accuracies.reduce(0, +) / Double(accuracies.count)]
      add("%", all.flatMap { [$0 * 100, (1 - $0) * 100] })
    }
    for name in ["regularization", "regularization-40-epochs"] {
      let runs = try measured.read(Regularization.self, name + ".json").runs
      for arm in Dictionary(grouping: runs, by: \.arm).values {
        add("%", [arm.compactMap(\.testErrors.last).reduce(0, +) / Double(arm.count) * 100])
      }
    }
  }
}
