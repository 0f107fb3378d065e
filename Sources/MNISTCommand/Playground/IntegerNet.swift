import ConvNet
import Im2col

/// The small net of the page's second tab. For label 0, all its numbers are integers or halves, so that every sum can be
/// checked by hand.
package enum IntegerNet {
  /// `[6, 6, 1]`.
  package static let image: [Float] = [
    1, 0, 1, 2, 0, 0,
    0, 1, 1, 2, 0, 1,
    1, 1, 1, 2, 0, 0,
    1, 1, 0, 0, 1, 0,
    0, 0, 1, 0, 1, 0,
    1, 0, 2, 0, 1, 0,
  ]

  package static let classNames = ["0", "1"]

  /// Kernel `[3, 3, 1, 1]` and bias `[1]` of the convolution, kernel `[4, 2]` and bias `[2]` of the dense layer.
  private static let parameters: [Float] =
    [0, 0, 1, -2, -1, 2, 0, 1, -1] + [1] + [-1, 1, -2, 2, 0, -2, 2, 0] + [0, 0]

  /// - Throws: `EngineError.blas` when the OpenBLAS of this process is not usable.
  package static func model() throws(EngineError) -> Sequential {
    let model = try Sequential(
      inputShape: [6, 6, 1],
      layers: [
        .convolution(filters: 1, kernel: 3, activation: .relu, name: "conv"),
        .maxPooling(window: 2, name: "pool"),
        .flatten,
        .dense(units: 2, activation: .softmax, name: "dense"),
      ])
    try model.setParameters(parameters)
    return model
  }
}
