import ConvNet
import Im2col
import Im2colReference
import Testing

/// The fused networks of the engine in Float32 against the reference models in Double.
@Suite struct NetworkTests {
  struct Network: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let imageShape: [Int]
    let batch: Int
    let layers: [Block]
  }

  /// LeNet-5 in any size.
  static func leNet5(filters: (Int, Int), units: (Int, Int), classes: Int) -> [Block] {
    [
      .convolution(filters: filters.0, kernel: 5, padding: .same, activation: .relu), .maxPooling(window: 2),
      .convolution(filters: filters.1, kernel: 5, activation: .relu), .maxPooling(window: 2), .flatten,
      .dense(units: units.0, activation: .relu), .dense(units: units.1, activation: .relu),
      .dense(units: classes, activation: .softmax),
    ]
  }

  static let networks = [
    Network(
      testDescription: "shrunk LeNet-5", imageShape: [12, 13, 1], batch: 37,
      layers: leNet5(filters: (2, 3), units: (7, 5), classes: 4)),
    Network(
      testDescription: "LeNet-5", imageShape: LeNet5.inputShape, batch: 5, layers: LeNet5.layers()),
    Network(
      testDescription: "tanh, average pooling and sigmoid", imageShape: [11, 9, 3], batch: 21,
      layers: [
        .convolution(filters: 4, kernel: Size2D(height: 3, width: 2), padding: .same, activation: .tanh),
        .averagePooling(window: 2, stride: Size2D(height: 2, width: 1)),
        .convolution(filters: 17, kernel: 2, activation: .sigmoid),
        .maxPooling(window: Size2D(height: 2, width: 3), stride: Size2D(height: 1, width: 2)),
        .flatten,
        .dense(units: 3),
      ]),
  ]

  @Test(
    "loss and gradients with both schedules", arguments: networks,
    ExecutionSchedule.allCases)
  func gradients(network: Network, schedule: ExecutionSchedule) throws {
    let (reference, model, images, targets) = try Self.pair(network, seed: 5, schedule: schedule)
    let expected = try reference.step(images, targets: targets)
    let (score, actual) = try model.gradients(try images.rounded(), try targets.rounded())
    #expect(abs(score.loss - expected.loss) <= 1e-6 * max(1, expected.loss))
    #expect(score.images == network.batch)
    expectClose(actual, expected.gradients, relative: 2e-6, "gradient")
  }

  @Test("probabilities or logits", arguments: networks)
  func predictions(network: Network) throws {
    let (reference, model, images, _) = try Self.pair(network, seed: 8, schedule: .microBatch)
    let outputs = try reference.outputs(images)
    #expect(
      firstMismatch(try model.predict(try images.rounded()), outputs, tolerance: .absolute(1e-6)) == nil)
  }

  @Test("parameters over five steps of Adam", arguments: networks)
  func fiveSteps(network: Network) throws {
    var (reference, model, images, targets) = try Self.pair(network, seed: 7, schedule: .microBatch)
    // An epsilon above the rounding error of the gradients: with a smaller one, Adam takes a full step in the
    // direction of a gradient that is zero up to rounding.
    var adam = ReferenceAdam(learningRate: Double(Float(0.01)), epsilon: Double(Float(1e-3)))
    try model.compile(optimizer: .adam(learningRate: 0.01, epsilon: 1e-3))
    for step in 0..<5 {
      // Each step starts from the engine's parameters: a rounding difference can change the maximum of a
      // window, after which two trainings diverge.
      reference.setParameters(model.parameters)
      adam.update(
        &reference.parameters, gradients: try reference.step(images, targets: targets).gradients)
      try model.trainOnBatch(try images.rounded(), try targets.rounded())
      expectClose(model.parameters, reference.parameters, relative: 2e-6, "step \(step), parameter")
    }
  }

  /// Returns a model with random parameters, its reference, and a batch.
  private static func pair(_ network: Network, seed: UInt64, schedule: ExecutionSchedule) throws -> (
    reference: ReferenceModel, model: Sequential, images: DoubleTensor, targets: DoubleTensor
  ) {
    var random = SplitMix64(seed: seed)
    let model = try Sequential(inputShape: network.imageShape, layers: network.layers)
    model.forcedSchedule = schedule
    try model.setParameters(random.parameters(of: model))
    try model.compile()
    let images = random.reals([network.batch] + network.imageShape)
    let classes = model.outputShape[0]
    let labels = (0..<network.batch).map { _ in random.roll(0...classes - 1) }
    return (try ReferenceModel(model), model, images, DoubleTensor(oneHot: labels, classes: classes))
  }

  /// Compares a flat array with tensors in order; the tolerance is relative to the largest element of each
  /// tensor.
  private func expectClose(
    _ actual: [Float], _ expected: [DoubleTensor], relative: Double, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var rest = actual[...]
    for (index, tensor) in expected.enumerated() {
      let part = DoubleTensor(shape: tensor.shape, scalars: rest.prefix(tensor.count).map(Double.init))
      rest = rest.dropFirst(tensor.count)
      let largest = tensor.scalars.map(abs).max() ?? 0
      #expect(largest > 1e-4, "\(what) \(index) is almost zero", sourceLocation: sourceLocation)
      #expect(
        firstMismatch(part, tensor, tolerance: .absolute(relative * largest)) == nil, "\(what) \(index)",
        sourceLocation: sourceLocation)
    }
    #expect(rest.isEmpty, sourceLocation: sourceLocation)
  }
}
