import ConvNet
import Im2col
import Testing

/// Models whose layers cannot be fused: pooling first, average pooling, activations, softmax in the middle.
@Suite("Unfused layers")
struct UnfusedLayerTests {
  static let models: [String: [Block]] = [
    "pooling first": [
      .maxPooling(window: 2), .convolution(filters: 3, kernel: 2, activation: .tanh), .flatten,
      .dense(units: 3),
    ],
    "average pooling": [
      .convolution(filters: 4, kernel: 3, padding: .same, activation: .sigmoid),
      .averagePooling(window: 3, stride: 2, padding: .same), .flatten, .dense(units: 3, activation: .softmax),
    ],
    "activations": [
      .activation(.tanh), .flatten, .dense(units: 7), .activation(.sigmoid),
      .dense(units: 3, activation: .softmax),
    ],
    "softmax in the middle": [
      .convolution(filters: 5, kernel: 2, activation: .softmax), .flatten,
      .dense(units: 6, activation: .softmax), .dense(units: 3),
    ],
    "groups, dilation, stride": [
      .convolution(
        filters: 6, kernel: 2, stride: 2, dilation: 2, groups: 2, padding: .same, activation: .tanh),
      .flatten, .dense(units: 3),
    ],
    "normalization, pooling in the middle": [
      .convolution(filters: 5, kernel: 2, activation: .tanh),
      .responseNormalization(size: 3, k: 1, alpha: 0.8, beta: 0.6), .maxPooling(window: 3, stride: 2),
      .flatten, .dense(units: 3),
    ],
    "two convolutions": [
      .convolution(filters: 4, kernel: 2, activation: .tanh),
      .convolution(filters: 3, kernel: 3, padding: .same),
      .averagePooling(window: 2), .flatten, .dense(units: 3),
    ],
  ]

  /// The directional derivative along a random direction against a central difference of the loss.
  @Test(
    "gradients agree with finite differences", arguments: models.keys.sorted(), ExecutionSchedule.allCases)
  func differences(_ name: String, schedule: ExecutionSchedule) throws {
    let layers = try #require(Self.models[name])
    let model = try Sequential(inputShape: [7, 6, 2], layers: layers, seed: 41)
    model.forcedSchedule = schedule
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    let x = try RandomImages.tensor([9, 7, 6, 2], seed: 42)
    let y = try RandomImages.labels(9, classes: 3, seed: 43)
    let start = model.parameters
    let direction = try RandomImages.tensor([start.count], seed: 44).scalars
    let gradient = try model.gradients(x, y).gradients
    let slope = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let step: Float = 2e-3
    func loss(_ sign: Float) throws -> Double {
      try model.setParameters(zip(start, direction).map { $0 + sign * step * $1 })
      return try model.evaluate(x, y).loss
    }
    let difference = (try loss(1) - loss(-1)) / (2 * Double(step))
    #expect(abs(slope) > 1e-3, "the derivative along this direction is too small")
    #expect(abs(slope - difference) < 1e-3 + 0.01 * abs(slope), "slope \(slope), difference \(difference)")
  }
}
