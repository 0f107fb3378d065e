/// The weights of the cost model.
package enum LoweringWeights {
  /// Returns the weights of a row and pass, in cycles per multiplication, per scalar moved, and per call.
  package static func of(_ lowering: Lowering, _ pass: ConvolutionProblem.Pass) -> [Double] {
    table["\(lowering.rawValue).\(pass.rawValue)"] ?? [0.032, 0.5, 2_000]
  }

  static let table: [String: [Double]] = [
    "rows.forward": [0.032, 0.25, 100],
    "winograd2.forward": [0.032, 0.25, 100],
  ]
}
