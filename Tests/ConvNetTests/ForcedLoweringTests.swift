import ConvNet
import Im2col
import Testing

/// A named lowering inside models: the first convolution of LeNet-5 with its max pooling.
@Suite("Forced lowerings in a model")
struct ForcedLoweringTests {
  static let layers: [Block] = [
    .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu), .maxPooling(window: 2),
    .convolution(filters: 16, kernel: 3), .flatten, .dense(units: 3),
  ]

  private func model(_ lowering: Lowering) throws -> Sequential {
    let model = try Sequential(inputShape: [28, 28, 1], layers: Self.layers, seed: 51)
    try model.compile(options: ComputeOptions(workers: Workers(2), lowering: lowering))
    return model
  }

  @Test(
    "the row runs where it supports the layer, and im2col elsewhere",
    arguments: [
      (Lowering.im2col, "im2col", "im2col"), (.direct, "direct", "direct"), (.rows, "rows", "im2col"),
      (.winograd2, "winograd2", "winograd2"), (.winograd4, "im2col", "winograd4"),
      (.gemm, "im2col", "im2col"), (.depthwise, "im2col", "im2col"),
    ])
  func summary(lowering: Lowering, first: String, second: String) throws {
    let rows = try model(lowering).summaryRows
    #expect(rows.map(\.lowering) == [first, nil, second, nil, "gemm"])
  }

  @Test("outputs and gradients are those of im2col", arguments: Lowering.allCases)
  func agrees(lowering: Lowering) throws {
    let x = try RandomImages.tensor([5, 28, 28, 1], seed: 52)
    let y = try RandomImages.labels(5, classes: 3, seed: 53)
    let (one, other) = (try model(lowering), try model(.im2col))
    try expectClose(try one.predict(x).scalars, try other.predict(x).scalars, "outputs")
    try expectClose(
      try one.gradients(x, y).gradients, try other.gradients(x, y).gradients, "gradients")
  }

  private func expectClose(_ actual: [Float], _ expected: [Float], _ what: String) throws {
    #expect(actual.count == expected.count)
    let scale = expected.map(abs).max() ?? 0
    let worst = zip(actual, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= 2e-5 * scale, "\(what) differ by \(worst) of \(scale)")
  }
}
