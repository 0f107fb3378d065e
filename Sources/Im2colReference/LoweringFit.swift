import Foundation
import Im2col

/// The weights of the cost model, fitted to measured times.
///
///     times, terms --least squares of relative errors--> weights that predict times
///                  --coordinate descent on the loss of the choice--> weights that choose
///
/// The same measurements always give the same weights.
package enum LoweringFit {
  package typealias Weights = [Lowering: [ConvolutionProblem.Pass: [Double]]]

  /// Returns the weights for problems.
  package static func weights(_ choices: [MeasuredChoice]) -> Weights {
    var weights: Weights = [:]
    for pass in ConvolutionProblem.Pass.allCases {
      let choices = choices.filter { $0.pass == pass }
      for row in LoweringTable.rows where row[pass] != nil {
        let samples = choices.flatMap { choice in
          choice.rows.filter { $0.lowering == row.lowering }.map { Sample($0, fastest: choice.best) }
        }
        if !samples.isEmpty { weights[row.lowering, default: [:]][pass] = leastSquares(samples) }
      }
      descend(&weights, choices, pass)
    }
    return weights.mapValues { $0.mapValues { $0.map(rounded) } }
  }

  /// Returns the predicted nanoseconds of a row; a row without weights is never chosen.
  static func cost(_ row: MeasuredChoice.Row, _ pass: ConvolutionProblem.Pass, _ weights: Weights) -> Double {
    guard let weights = weights[row.lowering]?[pass] else { return .infinity }
    return zip(row.terms, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  // MARK: - Prediction of times

  /// The least nanoseconds of a multiplication: half of a core's peak of 118 GFLOP/s. Lower weights would fit
  /// some samples, and mislead for layers with more channels than any of them.
  private static let leastOfMultiplication = 1 / 118.0

  /// The terms of a row per nanosecond, whose weighted sum is the predicted time relative to the measured.
  private struct Sample {
    let scaled: [Double]
    /// The time of the fastest row relative to this one: slow rows need not be predicted exactly.
    let importance: Double

    init(_ row: MeasuredChoice.Row, fastest: MeasuredChoice.Row?) {
      scaled = row.terms.map { $0 / row.nanoseconds }
      importance = (fastest?.nanoseconds ?? row.nanoseconds) / row.nanoseconds
    }
  }

  /// Returns the weights with the least sum of squared relative errors times importance: the first at least
  /// that of a multiplication, the others not negative.
  ///
  /// Each weight is either at its least value or free. With three terms, all eight sets of free weights are
  /// tried.
  private static func leastSquares(_ samples: [Sample]) -> [Double] {
    let least = [leastOfMultiplication] + [Double](repeating: 0, count: samples[0].scaled.count - 1)
    let scaled = samples.map { sample in sample.scaled.map { $0 * sample.importance } }
    // What remains of each measured time, relative to it, beyond the least weights.
    let rest = samples.map { sample in
      sample.importance * (1 - zip(sample.scaled, least).reduce(0) { $0 + $1.0 * $1.1 })
    }
    var best = (error: Double.infinity, weights: least)
    for set in 0..<1 << least.count {
      let free = least.indices.filter { set >> $0 & 1 == 1 }
      let matrix = free.map { i in
        free.map { j in scaled.reduce(0) { $0 + $1[i] * $1[j] } }
          + [zip(scaled, rest).reduce(0) { $0 + $1.0[i] * $1.1 }]
      }
      guard let solution = solve(matrix), solution.allSatisfy({ $0 > 0 }) else { continue }
      var weights = least
      for (index, value) in zip(free, solution) { weights[index] += value }
      let error = zip(samples, scaled).reduce(0) { sum, sample in
        let difference = zip(sample.1, weights).reduce(-sample.0.importance) { $0 + $1.0 * $1.1 }
        return sum + difference * difference
      }
      if error < best.error { best = (error, weights) }
    }
    return best.weights
  }

  /// Solves a system, `[n, n + 1]`, by Gaussian elimination; nil if it is singular.
  private static func solve(_ system: [[Double]]) -> [Double]? {
    var rows = system
    let count = rows.count
    for column in 0..<count {
      guard let pivot = (column..<count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
        abs(rows[pivot][column]) > 1e-12 * abs(system[pivot][pivot])
      else { return nil }
      rows.swapAt(column, pivot)
      for row in 0..<count where row != column {
        let factor = rows[row][column] / rows[column][column]
        for index in column...count { rows[row][index] -= factor * rows[column][index] }
      }
    }
    return (0..<count).map { rows[$0][count] / rows[$0][$0] }
  }

  // MARK: - Loss of the choice

  private static let factors = [0.8, 0.9, 1.1, 1.25]
  private static let sweeps = 20
  /// Smaller improvements are rounding errors, which differ between machines.
  private static let smallestImprovement = 1e-7
  /// Costs that differ by less are treated as almost equal: the fit keeps a margin between rows.
  private static let margin = 0.1
  /// A choice that is slower than this counts more: users notice it.
  private static let tolerated = 1.25
  private static let penalty = 3.0
  /// The share of the errors of prediction. It keeps the weights near those of the times, so that the choice
  /// is good for other problems too.
  private static let predictionShare = 0.1

  /// Multiplies one weight after the other by each factor, and keeps what lowers the loss.
  private static func descend(
    _ weights: inout Weights, _ choices: [MeasuredChoice], _ pass: ConvolutionProblem.Pass
  ) {
    let choices = choices.filter { $0.rows.count > 1 }
    var least = loss(weights, choices)
    for _ in 0..<sweeps {
      let before = least
      for lowering in LoweringTable.rows.map(\.lowering) {
        guard let count = weights[lowering]?[pass]?.count else { continue }
        // After the single weights, all of them together.
        for index in 0...count {
          for factor in factors {
            var changed = weights
            for term in index == count ? 0..<count : index..<index + 1 {
              changed[lowering]?[pass]?[term] *= factor
            }
            guard let first = changed[lowering]?[pass]?[0], first >= leastOfMultiplication else { continue }
            let changedLoss = loss(changed, choices)
            if changedLoss < least - smallestImprovement { (weights, least) = (changed, changedLoss) }
          }
        }
      }
      if least == before { break }
    }
  }

  /// Returns the mean loss of choices, where rows with almost the least cost share the choice:
  /// the fraction of a row is proportional to `cost ^ (-1 / margin)`. Errors of prediction are added.
  private static func loss(_ weights: Weights, _ choices: [MeasuredChoice]) -> Double {
    var (total, errors, importances) = (0.0, 0.0, 0.0)
    for choice in choices {
      guard let best = choice.best else { continue }
      let costs = choice.rows.map { log(max(cost($0, choice.pass, weights), .leastNormalMagnitude)) }
      let least = costs.min() ?? 0
      var (sum, fractions) = (0.0, 0.0)
      for (row, cost) in zip(choice.rows, costs) where cost.isFinite {
        let fraction = exp((least - cost) / margin)
        let excess = log(row.nanoseconds / best.nanoseconds)
        sum += fraction * (excess + penalty * max(0, excess - log(tolerated)))
        fractions += fraction
        let (error, importance) = (cost - log(row.nanoseconds), best.nanoseconds / row.nanoseconds)
        errors += importance * error * error
        importances += importance
      }
      total += sum / max(fractions, .leastNormalMagnitude)
    }
    return total / Double(max(1, choices.count)) + predictionShare * errors / max(importances, 1)
  }

  /// Four significant digits.
  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.4g", value)) ?? value }
}

extension LoweringFit {
  /// Returns the source of `LoweringWeights` with these weights.
  package static func source(_ weights: Weights) -> String {
    let passes = ConvolutionProblem.Pass.allCases
    let rows = LoweringTable.rows.compactMap { row -> String? in
      guard let known = weights[row.lowering] else { return nil }
      let entries = passes.compactMap { pass in
        known[pass].map { ".\(pass.rawValue): [\($0.map(text).joined(separator: ", "))]" }
      }
      // As the formatter writes it: a single entry stays on the line.
      let list = entries.count > 1 ? "\n\(entries.map { "      \($0),\n" }.joined())    " : entries.joined()
      return "    .\(row.lowering): [\(list)],\n"
    }
    return """
      // Generated by `bench calibrate --write` from Benchmarks/measured/lowerings.jsonl. Do not edit.

      /// The weights of the cost model, fitted to the measured times of all rows.
      package enum LoweringWeights {
        /// Returns the weights of a row and pass: nanoseconds of one core of the machine that measured, per
        /// multiplication, per scalar moved, and per call. Only their ratios matter.
        ///
        /// A row that was not measured gets common weights.
        package static func of(_ lowering: Lowering, _ pass: ConvolutionProblem.Pass) -> [Double] {
          table[lowering]?[pass] ?? [0.02, 0.1, 100]
        }

        /// By row and pass.
        package static let table: [Lowering: [ConvolutionProblem.Pass: [Double]]] = [
      \(rows.joined())  ]
      }

      """
  }

  /// The shortest decimal number without an exponent.
  private static func text(_ value: Double) -> String {
    let text = String(format: "%.10f", value)
    let trimmed = text.reversed().drop { $0 == "0" }.reversed()
    return String(trimmed.last == "." ? Array(trimmed) + ["0"] : Array(trimmed))
  }
}
