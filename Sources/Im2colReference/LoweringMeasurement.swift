import Foundation
import Im2col

/// The times of all rows of the table of lowerings for one problem: a line of
/// `Benchmarks/measured/lowerings.jsonl`.
package struct LoweringMeasurement: Decodable, Sendable {
  /// A layer as `bench` writes it; pairs are `[height, width]`.
  package struct Layer: Decodable, Sendable {
    let batch, height, width: Int
    let kernel, stride, dilation, padding: [Int]
    let groups: Int
    let inputs, outputs: Int

    enum CodingKeys: String, CodingKey {
      case batch, height, width, kernel, stride, dilation, padding, groups
      case inputs = "in"
      case outputs = "out"
    }
  }

  /// `NAME/PASS`.
  package let name: String
  package let layer: Layer
  package let pass: String
  /// The side of the windows of the max pooling, which is also its stride; nil without pooling.
  package let pooling: Int?
  /// Whether the problem is kept from the fit that is validated.
  package let heldOut: Bool
  /// Nanoseconds on one core, by lowering.
  package let nanoseconds: [String: Double]
  /// The terms of the cost, by lowering.
  package let terms: [String: [Double]]

  enum CodingKeys: String, CodingKey {
    case name = "case"
    case layer, pass, pooling, terms
    case heldOut = "held_out"
    case nanoseconds = "ns"
  }

  /// Reads a file of measurements, whose first line is a header.
  package static func read(_ text: String) throws -> [LoweringMeasurement] {
    try text.split(separator: "\n").dropFirst().map {
      try JSONDecoder().decode(LoweringMeasurement.self, from: Data($0.utf8))
    }
  }

  /// The problem that was measured.
  package func problem() throws -> ConvolutionProblem {
    guard let pass = ConvolutionProblem.Pass(rawValue: pass) else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no pass \(pass)"))
    }
    func pair(_ values: [Int]) -> Size2D { Size2D(height: values[0], width: values[1]) }
    let geometry = try ConvolutionGeometry(
      input: [layer.batch, layer.height, layer.width, layer.inputs],
      kernel: layer.kernel + [layer.inputs / layer.groups, layer.outputs], stride: pair(layer.stride),
      dilation: pair(layer.dilation), groups: layer.groups,
      padding: .explicit(
        top: layer.padding[0], bottom: layer.padding[0], left: layer.padding[1], right: layer.padding[1]))
    let pooling = try pooling.map {
      try WindowGeometry(
        input: geometry.window.output, kernel: Size2D(height: $0, width: $0),
        stride: Size2D(height: $0, width: $0))
    }
    return ConvolutionProblem(geometry, pass, pooling: pooling)
  }
}

/// The times and terms of the rows that compute a problem, in the order of the table.
package struct MeasuredChoice: Sendable {
  package struct Row: Sendable {
    package let lowering: Lowering
    package let terms: [Double]
    package let nanoseconds: Double

    package var name: String { lowering.rawValue }
  }

  package let name: String
  package let pass: ConvolutionProblem.Pass
  package let heldOut: Bool
  package let rows: [Row]

  /// Takes the terms from the table of lowerings. Rows that were not measured are left out.
  package init(_ measurement: LoweringMeasurement) throws {
    let problem = try measurement.problem()
    (name, pass, heldOut) = (measurement.name, problem.pass, measurement.heldOut)
    rows = LoweringTable.rows.compactMap { row in
      guard row.supports(problem), let time = measurement.nanoseconds[row.lowering.rawValue] else {
        return nil
      }
      return Row(lowering: row.lowering, terms: row.terms(problem).all, nanoseconds: time)
    }
  }

  /// The fastest row.
  package var best: Row? { rows.min { $0.nanoseconds < $1.nanoseconds } }

  /// Returns the row with the least cost.
  package func chosen(_ weights: LoweringFit.Weights) -> Row? {
    rows.min { LoweringFit.cost($0, pass, weights) < LoweringFit.cost($1, pass, weights) }
  }

  /// Returns the time of the chosen row divided by that of the fastest.
  package func loss(_ weights: LoweringFit.Weights) -> Double {
    guard let chosen = chosen(weights), let best else { return 1 }
    return chosen.nanoseconds / best.nanoseconds
  }
}

/// How much slower the chosen rows are than the fastest ones. Problems with a single row do not count.
package struct ChoiceQuality: Sendable, CustomStringConvertible {
  package let problems: Int
  package let mean, percentile95, worst: Double

  package init(_ choices: [MeasuredChoice], _ weights: LoweringFit.Weights) {
    let losses = choices.filter { $0.rows.count > 1 }.map { $0.loss(weights) }.sorted()
    problems = losses.count
    mean = exp(losses.map { log($0) }.reduce(0, +) / Double(max(1, losses.count)))
    percentile95 = losses.isEmpty ? 1 : losses[(losses.count * 95 + 99) / 100 - 1]
    worst = losses.last ?? 1
  }

  package var description: String {
    String(
      format: "%d problems, chosen over best: geometric mean %.3f, 95th percentile %.3f, worst %.3f",
      problems, mean, percentile95, worst)
  }
}
