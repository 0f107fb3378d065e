import ConvNet
import Im2col
import Im2colReference
import Testing

/// A network with random parameters and a batch, computed by the engine and by the reference in Double.
struct NetworkComparison {
  let graph: Graph
  /// Printed with every failure.
  let name: String
  private let parameters: [Float]
  private let seed: UInt64
  private let reference: ReferenceModel
  private let images, targets: DoubleTensor

  /// Relative to the largest value of a tensor. Values are sums of up to a hundred terms and pass through up to
  /// thirty layers, each of which rounds to 6e-8; the largest error seen is a tenth of these.
  private static let outputTolerance = 1e-5
  private static let gradientTolerance = 5e-5
  private static let lossTolerance = 1e-6
  /// The running statistics of a channel are relative to the largest of its layer.
  private static let stateTolerance = 1e-5
  /// Where ReLU is within a rounding error of 0, or two pixels of a window of each other, the gradients of the
  /// engine may rightly be those of the other side. Such batches are not compared, but replaced.
  private static let minKinkDistance = 3e-6

  /// Draws parameters, and batches until one is far enough from every kink.
  init(_ graph: Graph, batch: Int, seed: UInt64, name: String) throws {
    (self.graph, self.seed, self.name) = (graph, seed, name)
    var random = SplitMix64(seed: seed)
    let model = try Model(graph, seed: seed)
    parameters = random.parameters(of: model)
    try model.setParameters(parameters)
    reference = try ReferenceModel(model)
    let classes = model.outputShape[0]
    var images = random.reals([batch] + graph.inputShape)
    var draws = 1
    while try reference.kinkDistance(images) < NetworkComparison.minKinkDistance {
      images = random.reals([batch] + graph.inputShape)
      draws += 1
      try #require(draws <= 20, "every batch is near a kink\n\(name)")
    }
    self.images = images
    targets = DoubleTensor(
      oneHot: (0..<batch).map { _ in random.roll(0...classes - 1) }, classes: classes)
  }

  /// Returns a model of the engine with the parameters, compiled for training.
  private func model(_ schedule: ExecutionSchedule?, workers: Int) throws -> Model {
    let model = try Model(graph, seed: seed)
    model.forcedSchedule = schedule
    try model.setParameters(parameters)
    try model.compile(
      optimizer: .sgd(learningRate: 0.125), options: ComputeOptions(workers: Workers(workers)))
    return model
  }

  private func expect(
    _ actual: Tensor, _ expected: DoubleTensor, within relative: Double, of largest: Double? = nil,
    _ what: String
  ) {
    let largest = largest ?? expected.scalars.map(abs).max() ?? 0
    let mismatch = firstMismatch(actual, expected, tolerance: .absolute(relative * largest))
    #expect(mismatch == nil, "\(what)\n\(name)")
  }

  /// Compares the value of every layer, the outputs, and the loss of an evaluation.
  func compareInference(_ schedule: ExecutionSchedule) throws {
    let model = try model(schedule, workers: 2)
    let values = try reference.values(images)
    for (index, layer) in try model.activations(for: images.rounded()).enumerated() {
      expect(layer.output, values[index + 1], within: Self.outputTolerance, "\(layer.name), unfused")
    }
    let outputs = values[values.count - 1]
    expect(
      try model.predict(images.rounded()), outputs, within: Self.outputTolerance, "outputs, \(schedule)")
    let loss = try model.evaluate(images.rounded(), targets.rounded()).loss
    let expected = try reference.loss(images, targets: targets)
    #expect(abs(loss - expected) <= Self.lossTolerance * max(1, expected), "loss, \(schedule)\n\(name)")
  }

  /// Compares the loss, the gradients, and the running statistics of a training step.
  ///
  /// - Parameter schedule: nil for the one that follows from the graph.
  func compareTraining(_ schedule: ExecutionSchedule?) throws {
    let model = try model(schedule, workers: 2)
    let step = try reference.step(images, targets: targets)
    let (score, gradients) = try model.gradients(images.rounded(), targets.rounded())
    #expect(
      abs(score.loss - step.loss) <= Self.lossTolerance * max(1, step.loss),
      "loss \(score.loss), expected \(step.loss)\n\(name)")
    try #require(gradients.count == step.gradients.map(\.count).reduce(0, +))
    let largest = step.gradients.flatMap(\.scalars).map(abs).max() ?? 0
    #expect(largest > 1e-3, "the gradients are almost zero\n\(name)")
    var rest = gradients[...]
    for (expected, parameter) in zip(step.gradients, reference.plan.parameters) {
      let own = expected.scalars.map(abs).max() ?? 0
      // The gradient of a bias before a batch normalization is zero, because the mean is subtracted. Its terms
      // are not, and leave rounding errors of their size.
      let isZero = own < 1e-9 * largest
      try expect(
        Tensor(shape: expected.shape, scalars: Array(rest.prefix(expected.count))), expected,
        within: isZero ? 1e-6 : Self.gradientTolerance, of: isZero ? largest : own,
        "gradient of \(parameter.name)")
      rest = rest.dropFirst(expected.count)
    }
    // `gradients` leaves the running statistics; a step moves them.
    #expect(model.parameters == parameters, "\(name)")
    try model.trainOnBatch(images.rounded(), targets.rounded())
    for (expected, named) in zip(step.state, model.parameterTensors[step.gradients.count...]) {
      expect(named.tensor, expected, within: Self.stateTolerance, named.name)
    }
  }

  /// Compares the bits of outputs, gradients, and two training steps with 1, 2 and 3 workers.
  func compareWorkers(_ schedule: ExecutionSchedule?) throws {
    func results(_ workers: Int) throws -> [[Float]] {
      let model = try model(schedule, workers: workers)
      let (images, targets) = (try images.rounded(), try targets.rounded())
      let outputs = try model.predict(images).scalars
      let gradients = try model.gradients(images, targets).gradients
      for _ in 0..<2 { try model.trainOnBatch(images, targets) }
      return [outputs, gradients, model.parameters]
    }
    let expected = try results(1)
    for workers in 2...3 {
      for (what, pair) in zip(["outputs", "gradients", "parameters"], zip(expected, try results(workers))) {
        #expect(
          pair.0.map(\.bitPattern) == pair.1.map(\.bitPattern), "\(what), \(workers) workers\n\(name)")
      }
    }
  }
}
