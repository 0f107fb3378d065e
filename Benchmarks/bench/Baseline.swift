import Foundation
import Im2col

/// A row of an earlier run, with its case to measure again.
struct RecordedRow {
  let item: BenchCase
  let threads: Int
  let seconds: Double
  let fractionOfSgemm: Double
}

/// The JSON lines of an earlier run, as `bench layers --json > baseline.json` writes them.
enum Baseline {
  /// Reads the rows of a file in order, without lines about scaling.
  static func read(path: String) throws(BaselineError) -> [RecordedRow] {
    let bytes: Data
    do throws(InputFile.Unreadable) {
      bytes = try InputFile.bytes(path)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    guard let text = String(data: bytes, encoding: .utf8) else {
      throw .unreadable(path: path, reason: "it is not UTF-8 text")
    }
    var rows: [RecordedRow] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      if let row = try RecordedRow(line: String(line), number: index + 1) { rows.append(row) }
    }
    guard !rows.isEmpty else { throw .empty(path: path) }
    return rows
  }
}

/// Why a file cannot serve as the baseline.
enum BaselineError: Error, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case empty(path: String)
  case line(Int, problem: String)

  var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read the baseline \(path): \(reason)"
    case .empty(let path): "the baseline \(path) has no row; write one with bench layers --json > \(path)"
    case .line(let number, let problem): "line \(number) of the baseline: \(problem)"
    }
  }
}

extension RecordedRow {
  /// Reads a row; nil for a line about scaling.
  init?(line: String, number: Int) throws(BaselineError) {
    guard let value = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
      let row = value as? [String: Any]
    else { throw .line(number, problem: "it is not a JSON object as bench --json prints them") }
    if row["scaling"] != nil { return nil }
    guard let name = row["case"] as? String else { throw .line(number, problem: "\"case\" is missing") }
    guard let fraction = row["fraction_of_sgemm"] as? Double, fraction > 0 else {
      throw .line(number, problem: "\(name): \"fraction_of_sgemm\" is missing or not above 0")
    }
    guard let threads = row["threads"] as? Int, (1...Workers.limit).contains(threads) else {
      throw .line(number, problem: "\(name): \"threads\" is missing or not in 1...\(Workers.limit)")
    }
    let seconds = row["seconds"] as? Double ?? MeasuringOptions.defaultSeconds
    guard MeasuringOptions.secondsRange.contains(seconds) else {
      throw .line(number, problem: "\(name): \"seconds\" is \(seconds)")
    }
    item = try RecordedRow.item(name, row, number)
    (self.threads, self.seconds, fractionOfSgemm) = (threads, seconds, fraction)
  }

  /// Returns the case with that name and the recorded options.
  private static func item(
    _ name: String, _ row: [String: Any], _ number: Int
  ) throws(BaselineError) -> BenchCase {
    let lowering = try lowering(row, name, number)
    let parts = name.split(separator: "/").map(String.init)
    switch (parts.first, parts.count) {
    case ("gemm", 2):
      if let shape = ProductShape(parts[1]) { return shape.item }
    case ("lenet5", 3):
      if let batch = Int(parts[2].dropFirst()), (1...LeNetCases.largestBatch).contains(batch),
        let item = LeNetCases(batch: batch, lowering: lowering).cases.first(where: { $0.name == name })
      {
        return item
      }
    case ("alexnet", 3), ("alexnet1", 3):
      if let batch = Int(parts[2].dropFirst()), (1...AlexNetCases.largestBatch).contains(batch),
        let item = AlexNetCases(batch: batch, towers: parts[0] == "alexnet" ? .two : .one, lowering: lowering)
          .cases.first(where: { $0.name == name })
      {
        return item
      }
    case ("net", 4):
      if let batch = Int(parts[3].dropFirst()), (1...NetCases.largestBatch).contains(batch),
        let network = BenchNetwork.all.first(where: { $0.name == parts[1] }),
        let item = NetCases(network: network, batch: batch, lowering: lowering).cases
          .first(where: { $0.name == name })
      {
        return item
      }
    case ("layer", 3):
      do {
        let shape = try LayerShape(JSONFields(row["layer"] ?? [String: Any](), index: 0))
        let layer = LayerCases(shape: shape, geometry: try shape.geometry(), lowering: lowering)
        if let item = layer.deferredCase(named: name) { return item }
      } catch {
        throw .line(number, problem: "\(name): \(error)")
      }
    default:
      break
    }
    throw .line(number, problem: "there is no case \"\(name)\"")
  }

  private static func lowering(
    _ row: [String: Any], _ name: String, _ number: Int
  ) throws(BaselineError) -> LoweringOptions {
    let scratch = row["scratch_option"] as? Int ?? ComputeOptions.defaultScratchBytes
    guard LoweringOptions.scratchRange.contains(scratch),
      let lowering = Lowering(rawValue: row["lowering_option"] as? String ?? Lowering.automatic.rawValue)
    else {
      throw .line(
        number, problem: "\(name): bench does not accept \"scratch_option\" or \"lowering_option\"")
    }
    return LoweringOptions(lowering: lowering, scratch: scratch)
  }
}
