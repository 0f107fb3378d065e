import Foundation
import Im2col
import Im2colReference
import Testing

/// The choice of a lowering, compared with the measured times of all rows.
///
/// When a test fails after a change of a row, of its terms, or of the list of problems, measure again in the
/// package's folder: `swift run -c release bench calibrate --write`.
struct LoweringChoiceTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  private static func measurements() throws -> [LoweringMeasurement] {
    try LoweringMeasurement.read(text("Benchmarks/measured/lowerings.jsonl"))
  }

  private let measurements: [LoweringMeasurement]
  private let choices: [MeasuredChoice]

  init() throws {
    measurements = try Self.measurements()
    choices = try measurements.map { try MeasuredChoice($0) }
  }

  @Test("every supporting row was measured, with the terms that the table gives")
  func dataAreCurrent() throws {
    for measurement in measurements {
      let problem = try measurement.problem()
      let rows = LoweringTable.rows.filter { $0.supports(problem) }
      let names = Set(rows.map(\.lowering.rawValue))
      #expect(
        names == Set(measurement.nanoseconds.keys) && names == Set(measurement.terms.keys),
        "\(measurement.name)")
      for row in rows {
        let stored = measurement.terms[row.lowering.rawValue, default: []]
        let terms = row.terms(problem).all
        // The file has four significant digits.
        let isEqual =
          stored.count == terms.count && zip(stored, terms).allSatisfy { abs($0 - $1) <= 1e-3 * abs($1) }
        #expect(isEqual, "\(measurement.name), \(row.lowering): \(stored), the table gives \(terms)")
      }
    }
  }

  @Test("the table chooses what the weights choose")
  func tableChooses() throws {
    for (measurement, choice) in zip(measurements, choices) {
      let row = LoweringTable.row(for: try measurement.problem(), .automatic)
      #expect(row.lowering == choice.chosen(LoweringWeights.table)?.lowering, "\(choice.name)")
    }
  }

  @Test("chosen rows are almost as fast as the fastest")
  func choiceIsGood() {
    let quality = ChoiceQuality(choices, LoweringWeights.table)
    #expect(quality.problems >= 100)
    #expect(quality.mean <= 1.05 && quality.percentile95 <= 1.25 && quality.worst <= 1.6, "\(quality)")
  }

  @Test("a fit to the other problems chooses well for those held out")
  func choiceGeneralizes() {
    let weights = LoweringFit.weights(choices.filter { !$0.heldOut })
    let quality = ChoiceQuality(choices.filter(\.heldOut), weights)
    #expect(quality.problems >= 20 && quality.mean <= 1.08, "\(quality)")
  }

  @Test("the compiled weights are those fitted to the file")
  func weightsAreCurrent() throws {
    let source = LoweringFit.source(LoweringFit.weights(choices))
    let isEqual = try Self.text("Sources/Im2col/LoweringWeights.swift") == source
    #expect(isEqual, "write LoweringWeights.swift again: bench calibrate --refit --write")
  }

  @Test("a named lowering is used wherever it supports the problem, and im2col elsewhere")
  func namedLowering() throws {
    for measurement in measurements {
      let problem = try measurement.problem()
      for row in LoweringTable.rows {
        let expected = row.supports(problem) ? row.lowering : .im2col
        let pass = LoweringTable.makePass(problem, row.lowering)
        #expect(pass.lowering == expected, "\(measurement.name), \(row.lowering)")
      }
    }
  }
}
