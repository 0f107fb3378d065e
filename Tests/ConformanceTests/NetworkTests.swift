import ConvNet
import Im2col
import Im2colReference
import Testing

/// The fused networks of the engine in Float32 against the reference networks in Double.
@Suite struct NetworkTests {
  struct Network: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let imageShape: [Int]
    let classes: Int
    let batch: Int
    /// The layers of the reference network; the last one computes logits.
    let layers: [ReferenceNetwork.Layer]
    /// Whether the engine's model ends in softmax.
    let endsInSoftmax: Bool

    /// The layers of the engine.
    var engineLayers: [Block] {
      layers.map(Block.init).dropLast() + [
        .dense(units: classes, activation: endsInSoftmax ? .softmax : .identity)
      ]
    }
  }

  static let networks = [
    Network(
      testDescription: "shrunk LeNet-5", imageShape: [12, 13, 1], classes: 4, batch: 37,
      layers: ReferenceNetwork.leNet5(filters: (2, 3), units: (7, 5), classes: 4), endsInSoftmax: true),
    Network(
      testDescription: "LeNet-5", imageShape: [28, 28, 1], classes: 10, batch: 5,
      layers: ReferenceNetwork.leNet5(), endsInSoftmax: true),
    Network(
      testDescription: "tanh, average pooling and sigmoid", imageShape: [11, 9, 3], classes: 3, batch: 21,
      layers: [
        .convolution(filters: 4, kernel: Size2D(height: 3, width: 2), padding: .same, activation: .tanh),
        .pooling(.average, window: 2, stride: Size2D(height: 2, width: 1)),
        .convolution(filters: 17, kernel: 2, padding: .valid, activation: .sigmoid),
        .pooling(.max, window: Size2D(height: 2, width: 3), stride: Size2D(height: 1, width: 2)),
        .flatten,
        .dense(units: 3, activation: .identity),
      ], endsInSoftmax: false),
  ]

  @Test(
    "loss and gradients with both schedules", arguments: networks,
    ExecutionSchedule.allCases)
  func gradients(network: Network, schedule: ExecutionSchedule) throws {
    let (reference, model, images, labels) = try Self.pair(network, seed: 5, schedule: schedule)
    let expected = try reference.gradients(images, labels: labels)
    let (score, actual) = try model.gradients(try images.rounded(), try Self.oneHot(labels, network.classes))
    #expect(abs(score.loss - expected.loss) <= 1e-6 * max(1, expected.loss))
    #expect(score.images == network.batch)
    expectClose(actual, expected.parameters, relative: 2e-6, "gradient")
  }

  @Test("probabilities or logits", arguments: networks)
  func predictions(network: Network) throws {
    let (reference, model, images, _) = try Self.pair(network, seed: 8, schedule: .microBatch)
    let logits = try reference.logits(images)
    let expected = network.endsInSoftmax ? LoopNestActivations.forward(.softmax, logits) : logits
    #expect(
      firstMismatch(try model.predict(try images.rounded()), expected, tolerance: .absolute(1e-6)) == nil)
  }

  @Test("parameters over five steps of Adam", arguments: networks)
  func fiveSteps(network: Network) throws {
    var (reference, model, images, labels) = try Self.pair(network, seed: 7, schedule: .microBatch)
    // An epsilon above the rounding error of the gradients: with a smaller one, Adam takes a full step in the
    // direction of a gradient that is zero up to rounding.
    var adam = ReferenceAdam(learningRate: Double(Float(0.01)), epsilon: Double(Float(1e-3)))
    try model.compile(optimizer: .adam(learningRate: 0.01, epsilon: 1e-3))
    for step in 0..<5 {
      // Each step starts from the engine's parameters: a rounding difference can change the maximum of a
      // window, after which two trainings diverge.
      reference.setParameters(model.parameters)
      adam.update(
        &reference.parameters, gradients: try reference.gradients(images, labels: labels).parameters)
      try model.trainOnBatch(try images.rounded(), try Self.oneHot(labels, network.classes))
      expectClose(model.parameters, reference.parameters, relative: 2e-6, "step \(step), parameter")
    }
  }

  /// Returns a reference network and an engine model with the same parameters, and a batch.
  private static func pair(_ network: Network, seed: UInt64, schedule: ExecutionSchedule) throws -> (
    reference: ReferenceNetwork, model: Sequential, images: DoubleTensor, labels: [Int]
  ) {
    var random = SplitMix64(seed: seed)
    let reference = try ReferenceNetwork(
      layers: network.layers, imageShape: network.imageShape, random: &random)
    let model = try Sequential(inputShape: network.imageShape, layers: network.engineLayers)
    model.forcedSchedule = schedule
    try model.setParameters(reference.parameters.flatMap { $0.scalars.map(Float.init) })
    try model.compile()
    let images = random.reals([network.batch] + network.imageShape)
    return (reference, model, images, (0..<network.batch).map { _ in random.roll(0...network.classes - 1) })
  }

  private static func oneHot(_ labels: [Int], _ classes: Int) throws -> Tensor {
    var tensor = try Tensor(repeating: 0, shape: [labels.count, classes])
    for (image, label) in labels.enumerated() { tensor.scalars[image * classes + label] = 1 }
    return tensor
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

extension ReferenceNetwork {
  /// Sets the parameters from the flat array of the engine.
  fileprivate mutating func setParameters(_ values: [Float]) {
    var rest = values[...]
    for index in parameters.indices {
      parameters[index].scalars = rest.prefix(parameters[index].count).map(Double.init)
      rest = rest.dropFirst(parameters[index].count)
    }
  }
}

extension Block {
  /// Creates the engine's layer for a layer of the reference network.
  fileprivate init(_ layer: ReferenceNetwork.Layer) {
    switch layer {
    case .convolution(let filters, let kernel, let stride, let groups, let padding, let activation):
      self = .convolution(
        filters: filters, kernel: kernel, stride: stride, groups: groups, padding: padding,
        activation: activation)
    case .pooling(.max, let window, let stride): self = .maxPooling(window: window, stride: stride)
    case .pooling(.average, let window, let stride): self = .averagePooling(window: window, stride: stride)
    case .flatten: self = .flatten
    case .dense(let units, let activation): self = .dense(units: units, activation: activation)
    case .normalization(let settings):
      self = .responseNormalization(
        size: settings.size, k: Float(settings.k), alpha: Float(settings.alpha), beta: Float(settings.beta))
    // Only reference networks have layers of given factors; none of these networks has one.
    case .factors: self = .activation(.identity)
    }
  }
}
