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
  private let loss: any Loss
  private let reference, rounded: ReferenceModel
  private let images, targets: DoubleTensor

  /// Where ReLU is within a rounding error of 0, or two pixels of a window of each other, the gradients of the
  /// engine may rightly be those of the other side. Such batches are not compared, but replaced.
  private static let minKinkDistance = 3e-6

  /// Draws parameters, and batches until one is far enough from every kink.
  init(
    _ graph: Graph, batch: Int, seed: UInt64, loss: any Loss = SoftmaxCrossEntropy(), name: String
  ) throws {
    (self.graph, self.seed, self.loss, self.name) = (graph, seed, loss, name)
    var random = SplitMix64(seed: seed)
    let model = try Model(graph, seed: seed)
    parameters = random.parameters(of: model)
    try model.setParameters(parameters)
    try model.compile(loss: loss)
    let reference = try ReferenceModel(model)
    self.reference = reference
    var rounded = reference
    rounded.roundsToFloat = true
    self.rounded = rounded
    var images = random.reals([batch] + graph.inputShape)
    var draws = 1
    while try reference.kinkDistance(images) < NetworkComparison.minKinkDistance {
      images = random.reals([batch] + graph.inputShape)
      draws += 1
      try #require(draws <= 20, "every batch is near a kink\n\(name)")
    }
    self.images = images
    let classes = model.outputShape[0]
    targets = DoubleTensor(
      oneHot: (0..<batch).map { _ in random.roll(0...classes - 1) }, classes: classes)
  }

  /// Returns a model of the engine with the parameters, compiled for training.
  private func model(_ schedule: ExecutionSchedule?, workers: Int) throws -> Model {
    let model = try Model(graph, seed: seed)
    model.forcedSchedule = schedule
    try model.setParameters(parameters)
    try model.compile(
      optimizer: .sgd(learningRate: 0.125), loss: loss, options: ComputeOptions(workers: Workers(workers)))
    return model
  }

  private func expectClose(_ results: [RoundedResult]) {
    for mismatch in RoundedResult.mismatches(of: results) { Issue.record("\(mismatch)\n\(name)") }
  }

  /// Compares the value of every layer, the outputs, and the loss of an evaluation.
  func compareInference(_ schedule: ExecutionSchedule) throws {
    let model = try model(schedule, workers: 2)
    let (values, rounded) = (try reference.values(images), try self.rounded.values(images))
    let layers = try model.activations(for: images.rounded())
    try #require(layers.count == values.count - 1)
    var results = layers.enumerated().map { index, layer in
      RoundedResult(
        name: "\(layer.name), unfused", actual: DoubleTensor(layer.output), exact: values[index + 1],
        rounded: rounded[index + 1])
    }
    results.append(
      RoundedResult(
        name: "outputs, \(schedule)", actual: DoubleTensor(try model.predict(images.rounded())),
        exact: values[layers.count], rounded: rounded[layers.count]))
    expectClose(results)
    expectClose([
      RoundedResult(
        name: "loss of an evaluation, \(schedule)",
        actual: try model.evaluate(images.rounded(), targets.rounded()).loss,
        exact: try reference.loss(images, targets: targets),
        rounded: try self.rounded.loss(images, targets: targets))
    ])
  }

  /// Compares the loss, the gradients, and the running statistics of a training step.
  ///
  /// - Parameter schedule: nil for the one that follows from the graph.
  func compareTraining(_ schedule: ExecutionSchedule?) throws {
    let model = try model(schedule, workers: 2)
    let step = try reference.step(images, targets: targets)
    let rounded = try self.rounded.step(images, targets: targets)
    let (score, gradients) = try model.gradients(images.rounded(), targets.rounded())
    expectClose([
      RoundedResult(name: "loss of a step", actual: score.loss, exact: step.loss, rounded: rounded.loss)
    ])
    try #require(gradients.count == step.gradients.map(\.count).reduce(0, +))
    #expect(
      step.gradients.flatMap(\.scalars).contains { abs($0) > 1e-3 }, "the gradients are almost zero\n\(name)")
    var rest = gradients[...]
    expectClose(
      step.gradients.indices.map { index in
        let exact = step.gradients[index]
        defer { rest = rest.dropFirst(exact.count) }
        return RoundedResult(
          name: "gradient of \(reference.plan.parameters[index].name)",
          actual: DoubleTensor(shape: exact.shape, scalars: rest.prefix(exact.count).map(Double.init)),
          exact: exact, rounded: rounded.gradients[index])
      })
    // `gradients` leaves the running statistics; a step moves them.
    #expect(model.parameters == parameters, "\(name)")
    try model.trainOnBatch(images.rounded(), targets.rounded())
    let state = model.parameterTensors[step.gradients.count...]
    try #require(state.count == step.state.count)
    expectClose(
      zip(state, zip(step.state, rounded.state)).map { named, expected in
        RoundedResult(
          name: named.name, actual: DoubleTensor(named.tensor), exact: expected.0, rounded: expected.1)
      })
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
