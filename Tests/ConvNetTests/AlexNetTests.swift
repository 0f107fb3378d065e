import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("AlexNet")
struct AlexNetTests {
  private static func plan(_ towers: AlexNet.Towers) throws -> NetworkPlan {
    try NetworkPlan(Graph(inputShape: AlexNet.inputShape, AlexNet.layers(towers: towers)))
  }

  @Test("60,965,224 parameters in two towers, 62,378,344 in one, layer by layer")
  func parameters() throws {
    let counts: [AlexNet.Towers: [Int]] = [
      .two: [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000],
      .one: [34_944, 614_656, 885_120, 1_327_488, 884_992, 37_752_832, 16_781_312, 4_097_000],
    ]
    for towers in AlexNet.Towers.allCases {
      let plan = try Self.plan(towers)
      let layers = plan.nodes.filter { !$0.plan.parameters.isEmpty }
      #expect(
        layers.map(\.name) == [
          "conv1", "conv2", "conv3", "conv4", "conv5", "dense1", "dense2", "dense3",
        ])
      #expect(
        layers.map { $0.plan.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } } == counts[towers])
      #expect(plan.parameterCount == (towers == .two ? 60_965_224 : 62_378_344))
      #expect(try ExecutionSchedule(for: OpGraph(plan, .training)) == .layerByLayer)
    }
  }

  @Test("the sizes of the paper")
  func sizes() throws {
    let plan = try Self.plan(.two)
    #expect(
      plan.nodes.map(\.outputShape) == [
        [55, 55, 96], [55, 55, 96], [27, 27, 96], [27, 27, 256], [27, 27, 256], [13, 13, 256], [13, 13, 384],
        [13, 13, 384], [13, 13, 256], [6, 6, 256], [9216], [4096], [4096], [4096], [4096], [1000],
      ])
    #expect(
      plan.nodes.map(\.name) == [
        "conv1", "lrn1", "pool1", "conv2", "lrn2", "pool2", "conv3", "conv4", "conv5", "pool5", "flatten1",
        "dense1", "dropout1", "dense2", "dropout2", "dense3",
      ])
    // The outputs of layers with parameters. Section 3.5 of the paper counts differently.
    #expect(
      plan.nodes.filter { !$0.plan.parameters.isEmpty }.map { $0.outputShape.reduce(1, *) }.reduce(0, +)
        == 659_272)
    #expect(plan.nodes.map(\.forwardFLOPs).reduce(0, +) == 2 * 724_406_816)
  }

  @Test("the initialization of the paper")
  func initialValues() throws {
    let plan = try Self.plan(.two)
    for parameter in plan.parameters {
      if parameter.plan.name == "kernel" {
        #expect(parameter.plan.initializer == .normal(standardDeviation: 0.01), "\(parameter.name)")
      } else {
        let ones = ["conv2.bias", "conv4.bias", "conv5.bias", "dense1.bias", "dense2.bias"]
        #expect(
          parameter.plan.initializer == (ones.contains(parameter.name) ? .constant(1) : .zeros),
          "\(parameter.name)")
      }
    }
    let dropout = plan.nodes.compactMap { node in (node.layer as? DropoutLayer).map { (node.name, $0.rate) } }
    #expect(dropout.map(\.0) == ["dropout1", "dropout2"] && dropout.map(\.1) == [0.5, 0.5])
    let normalizations = plan.nodes.compactMap { $0.layer as? ResponseNormalizationLayer }
    #expect(
      normalizations
        == [ResponseNormalizationLayer](repeating: .init(size: 5, k: 2, alpha: 1e-4, beta: 0.75), count: 2))
  }

  /// A narrow network on small images, which the reference in Double can compute.
  @Test(
    "a narrow AlexNet agrees with the reference in Double", arguments: AlexNet.Towers.allCases,
    ExecutionSchedule.allCases)
  func narrow(towers: AlexNet.Towers, schedule: ExecutionSchedule) throws {
    let layers = AlexNet.layers(
      AlexNet.Widths(dividedBy: 24), towers: towers, classes: 7, initializer: .heNormal)
    let model = try Sequential(inputShape: [67, 83, 3], layers: layers, seed: 8)
    model.forcedSchedule = schedule
    try model.compile(
      optimizer: .sgd(learningRate: 0.01, momentum: 0.9), options: ComputeOptions(workers: Workers(2)))
    let count = 3
    let images = try RandomImages.tensor([count, 67, 83, 3], seed: 81)
    let targets = try DoubleTensor(oneHot: [4, 0, 6], classes: 7).rounded()

    let reference = try ReferenceModel(model)
    let probabilities = try reference.outputs(DoubleTensor(images))
    #expect(firstMismatch(try model.predict(images), probabilities, tolerance: .absolute(1e-5)) == nil)

    let expected = try reference.step(DoubleTensor(images), targets: DoubleTensor(targets))
    let (score, gradients) = try model.gradients(images, targets)
    #expect(abs(score.loss - expected.loss) < 1e-5)
    var start = 0
    for (expected, named) in zip(expected.gradients, model.parameterShapes) {
      let actual = try Tensor(shape: named.shape, scalars: Array(gradients[start..<start + expected.count]))
      start += expected.count
      let largest = expected.scalars.map(abs).max() ?? 0
      #expect(largest > 0, "\(named.name)")
      #expect(
        firstMismatch(actual, expected, tolerance: .absolute(1e-4 * largest)) == nil,
        "\(named.name), \(towers)"
      )
    }
  }
}
