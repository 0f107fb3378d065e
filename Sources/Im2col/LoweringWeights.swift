/// The weights of the cost model.
package enum LoweringWeights {
  /// Returns the weights of a row and pass, in cycles per multiplication, per scalar moved, and per call.
  package static func of(_ lowering: Lowering, _ pass: ConvolutionProblem.Pass) -> [Double] {
    table[lowering]?[pass] ?? table[.im2col]?[pass] ?? [0.08, 0.4, 500]
  }

  package static let table: [Lowering: [ConvolutionProblem.Pass: [Double]]] = [
    .im2col: all([0.075, 0.4, 500]),
    .gemm: all([0.072, 0.3, 500]),
    .direct: all([0.068, 0.15, 12]),
    .rows: all([0.08, 0.5, 50]),
    .depthwise: all([0.09, 0.3, 50]),
    .winograd2: all([0.075, 0.7, 600]),
    .winograd4: all([0.075, 0.7, 600]),
  ]

  private static func all(_ weights: [Double]) -> [ConvolutionProblem.Pass: [Double]] {
    Dictionary(uniqueKeysWithValues: ConvolutionProblem.Pass.allCases.map { ($0, weights) })
  }
}
