import ConvNet
import Im2col
import Im2colReference
import Testing

/// The reference model in Double is checked against finite differences, so that the engine can be compared
/// with it.
@Suite("Reference model")
struct ReferenceModelTests {
  private static func inception(_ activation: Activation) -> Block {
    .branches(
      [
        [.convolution(filters: 2, kernel: 1, activation: activation)],
        [
          .convolution(filters: 1, kernel: 1, activation: activation),
          .convolution(filters: 3, kernel: 3, padding: .same, activation: activation),
        ],
        [.maxPooling(window: 3, stride: 1, padding: .same)],
        [],
      ], merge: .concatenate)
  }

  /// Each kind of layer, and graphs of several.
  static let networks: [String: (inputShape: [Int], layers: [Block])] = [
    "convolution": (
      [5, 4, 2],
      [
        .convolution(
          filters: 4, kernel: Size2D(height: 2, width: 3), stride: Size2D(height: 2, width: 1),
          dilation: Size2D(height: 2, width: 1), groups: 2, padding: .same, activation: .relu),
        .convolution(filters: 3, kernel: 2, useBias: false), .flatten, .dense(units: 3, useBias: false),
      ]
    ),
    "softmax at the end": (
      [3], [.dense(units: 4, activation: .tanh), .dense(units: 3, activation: .softmax)]
    ),
    "softmax in the middle": (
      [3, 2, 2], [.convolution(filters: 4, kernel: 2, activation: .softmax), .flatten, .dense(units: 3)]
    ),
    "activations": (
      [6],
      [.activation(.tanh), .dense(units: 5), .activation(.sigmoid), .dense(units: 3), .activation(.relu)]
    ),
    "pooling": (
      [7, 6, 2],
      [
        .maxPooling(window: Size2D(height: 3, width: 2), stride: Size2D(height: 2, width: 1), padding: .same),
        .averagePooling(window: 3, stride: 2, padding: .explicit(top: 1, bottom: 0, left: 0, right: 2)),
        .flatten, .dense(units: 3),
      ]
    ),
    "global average pooling": ([3, 5, 4], [.globalAveragePooling(), .dense(units: 3)]),
    "global max pooling": ([3, 5, 4], [.globalMaxPooling(), .dense(units: 3)]),
    "dropout": (
      [3, 4, 5], [.dropout(rate: 0.25), .flatten, .dense(units: 6), .dropout(), .dense(units: 3)]
    ),
    "response normalization": (
      [2, 3, 7], [.responseNormalization(size: 4, k: 1, alpha: 0.8, beta: 0.6), .flatten, .dense(units: 3)]
    ),
    "batch normalization": (
      [3, 2, 4],
      [
        .convolution(filters: 3, kernel: 2), .batchNormalization(momentum: 0.8, epsilon: 1e-3),
        .activation(.tanh), .flatten, .dense(units: 4, useBias: false), .batchNormalization(),
        .dense(units: 3),
      ]
    ),
    "transposed convolution": (
      [3, 2, 4],
      [
        .transposedConvolution(
          filters: 2, kernel: Size2D(height: 3, width: 2), stride: 2, groups: 2, padding: .same,
          activation: .hardSwish),
        .transposedConvolution(
          filters: 3, kernel: 3, stride: 2, padding: .explicit(top: 1, bottom: 0, left: 2, right: 1),
          outputPadding: 1, useBias: false),
        .globalAveragePooling(), .dense(units: 3),
      ]
    ),
    "parametric ReLU": (
      [3, 2, 4], [.prelu(), .flatten, .dense(units: 5), .prelu(initialSlope: -0.5), .dense(units: 3)]
    ),
    "pooling with dilation, rounding up and counted padding": (
      [8, 7, 2],
      [
        .layer(PoolingLayer(mode: .max, window: 2, stride: 2, dilation: 2, roundsUp: true)),
        .layer(
          PoolingLayer(
            mode: .average, window: 2, stride: 1, padding: .explicit(top: 1, bottom: 1, left: 0, right: 1),
            countsPadding: true)),
        .flatten, .dense(units: 3),
      ]
    ),
    "zero padding": (
      [3, 2, 2],
      [
        .zeroPadding(top: 1, bottom: 0, left: 2, right: 3), .convolution(filters: 3, kernel: 2), .flatten,
        .dense(units: 3),
      ]
    ),
    "residual block": (
      [4, 5, 3],
      [
        .residual([
          .convolution(filters: 3, kernel: 3, padding: .same, useBias: false), .batchNormalization(),
          .activation(.relu), .convolution(filters: 3, kernel: 3, padding: .same),
        ]),
        .activation(.relu), .globalAveragePooling(), .dense(units: 3),
      ]
    ),
    "residual block with a convolution as shortcut": (
      [5, 4, 2],
      [
        .residual(
          [
            .convolution(filters: 4, kernel: 3, stride: 2, padding: .same), .batchNormalization(),
            .activation(.relu), .convolution(filters: 4, kernel: 3, padding: .same), .batchNormalization(),
          ], shortcut: [.convolution(filters: 4, kernel: 1, stride: 2), .batchNormalization()]),
        .activation(.relu), .flatten, .dense(units: 3, activation: .softmax),
      ]
    ),
    "branches": (
      [4, 3, 2],
      [
        inception(.tanh), .branches([[.dropout()], [.activation(.sigmoid)], []], merge: .add),
        .residual([inception(.relu), .convolution(filters: 9, kernel: 1)], shortcut: [.activation(.tanh)]),
        .globalAveragePooling(), .dense(units: 3),
      ]
    ),
    "a small LeNet-5": (
      [12, 13, 1],
      [
        .convolution(filters: 2, kernel: 5, padding: .same, activation: .relu), .maxPooling(window: 2),
        .convolution(filters: 3, kernel: 5, activation: .relu), .maxPooling(window: 2), .flatten,
        .dense(units: 7, activation: .relu), .dense(units: 3, activation: .softmax),
      ]
    ),
  ]

  /// Central differences with PyTorch's settings for float64: step 1e-6, 1e-5 absolute, 1e-3 relative.
  @Test("every parameter and every pixel by finite differences", arguments: networks.keys.sorted())
  func differences(_ name: String) throws {
    let network = try #require(Self.networks[name])
    let model = try Model(inputShape: network.inputShape, layers: network.layers, seed: 5)
    var random = SplitMix64(seed: 6)
    try model.setParameters(random.parameters(of: model))
    try expectFiniteDifferences(ReferenceModel(model), random: &random, name)
  }

  @Test("a value that several nodes read, one of them twice")
  func sharedValues() throws {
    var graph = Graph(inputShape: [6])
    let first = graph.add(DenseLayer(units: 5, activation: .tanh), reading: [.input])
    let sum = graph.add(AddLayer(), reading: [first, first])
    let second = graph.add(DenseLayer(units: 5, activation: .sigmoid), reading: [sum])
    let joined = graph.add(ConcatenateLayer(), reading: [second, first, .input, second])
    graph.add(DenseLayer(units: 3), reading: [joined])
    let model = try Model(graph, seed: 7)
    var random = SplitMix64(seed: 8)
    try expectFiniteDifferences(ReferenceModel(model), random: &random, "shared values")
  }

  @Test("mean squared error and binary cross-entropy of a network")
  func losses() throws {
    for (loss, activation) in [
      (LoopNestLoss.meanSquaredError, Activation.tanh), (.sigmoidBinaryCrossEntropy, .identity),
      (.binaryCrossEntropy, .sigmoid),
    ] {
      let model = try Model(
        inputShape: [4],
        layers: [.dense(units: 5, activation: .tanh), .dense(units: 3, activation: activation)], seed: 9)
      var random = SplitMix64(seed: 10)
      try expectFiniteDifferences(ReferenceModel(model, loss: loss), random: &random, "\(activation)")
    }
  }

  @Test("every activation as a layer", arguments: LoopNestActivations.samples)
  func activations(_ activation: Activation) throws {
    let model = try Model(
      inputShape: [2, 2, 4],
      layers: [
        .activation(activation), .convolution(filters: 3, kernel: 2, activation: activation), .flatten,
      ],
      seed: 11)
    var random = SplitMix64(seed: 12)
    let parameters = random.parameters(of: model).map { 2 * $0 }
    try model.setParameters(parameters)
    try expectFiniteDifferences(ReferenceModel(model), random: &random, "\(activation)")
  }

  @Test("label smoothing and class weights by finite differences")
  func smoothedLoss() throws {
    for activation in [Activation.softmax, .identity] {
      let model = try Model(inputShape: [4], layers: [.dense(units: 3, activation: activation)], seed: 13)
      try model.compile(loss: .softmaxCrossEntropy(labelSmoothing: 0.25, classWeights: [0.5, 2, 1]))
      var random = SplitMix64(seed: 14)
      try expectFiniteDifferences(ReferenceModel(model), random: &random, "\(activation)")
    }
  }

  @Test("running statistics by hand; inference uses them")
  func runningStatistics() throws {
    let model = try Model(
      inputShape: [1, 2, 1],
      layers: [.batchNormalization(momentum: 0.75, epsilon: 0.25), .flatten, .dense(units: 1)])
    // gamma, beta, dense kernel and bias; mean, variance.
    try model.setParameters([2, 1, 1, 10, 0, 3, 2])
    let reference = try ReferenceModel(model, loss: .meanSquaredError)
    // Mean 3, variance 5 over 4 pixels, 20 / 3 over 3.
    let images = DoubleTensor(shape: [2, 1, 2, 1], scalars: [0, 2, 4, 6])
    let step = try reference.step(images, targets: DoubleTensor(zeros: [2, 1]))
    #expect(step.state.map(\.shape) == [[1], [1]] && step.state[0].scalars == [0.75 * 3 + 0.25 * 3])
    #expect(abs(step.state[1].scalars[0] - (0.75 * 2 + 0.25 * 20 / 3)) < 1e-15)
    // Inference: 2 * (x - 3) / sqrt(2.25) + 1.
    let normalized = try reference.values(images)[1]
    #expect(
      firstMismatch(
        normalized, DoubleTensor(shape: [2, 1, 2, 1], scalars: [-3, -1.0 / 3, 7.0 / 3, 5]),
        tolerance: .absolute(1e-15)) == nil)
  }

  @Test("the distance to a kink is the smallest one, relative to the values compared")
  func kinkDistance() throws {
    let model = try Model(
      inputShape: [1, 3, 1],
      layers: [
        .maxPooling(window: Size2D(height: 1, width: 3)), .activation(.relu), .flatten, .dense(units: 1),
      ])
    let reference = try ReferenceModel(model)
    func distance(_ pixels: [Double]) throws -> Double {
      try reference.kinkDistance(DoubleTensor(shape: [pixels.count / 3, 1, 3, 1], scalars: pixels))
    }
    // The lead of 3 over 2, relative to the largest input; the pooled 3 is at distance 1.
    #expect(try distance([1, 2, 3]) == 1.0 / 3)
    // Equal maxima do not count, nor does a zero; 0.5 of a largest pooled 2 does.
    #expect(try distance([2, 2, -2, 0, 0, -1, -3, -3, 0.5]) == 0.25)
  }

  @Test("a layer without a reference is refused")
  func foreignLayer() throws {
    struct Copy: Layer {
      static let typeName = "copy"
      func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
        LayerPlan(outputShape: try requireOneInput(inputs))
      }
    }
    let model = try Model(inputShape: [2], layers: [.layer(Copy(), name: "same"), .dense(units: 2)])
    #expect(throws: ShapeError.self) { try ReferenceModel(model) }
  }

  private func expectFiniteDifferences(
    _ reference: ReferenceModel, random: inout SplitMix64, _ name: String
  ) throws {
    let images = random.reals([3] + reference.plan.inputShape)
    let targets = DoubleTensor(oneHot: [1, 2, 1], classes: 3)
    let step = try reference.step(images, targets: targets)
    #expect(step.loss == (try reference.loss(images, targets: targets, update: 1)))
    let trainable = reference.plan.parameters.count { $0.plan.role == .trainable }
    #expect(step.gradients.map(\.shape) == reference.parameters[..<trainable].map(\.shape))
    // A step of 1e-6 must not cross a kink.
    #expect(try reference.kinkDistance(images) > 1e-5, "\(name)")

    func expect(_ gradient: DoubleTensor, _ differences: DoubleTensor, _ what: String) {
      let tolerance = Tolerance.each(differences.scalars.map { 1e-5 + 1e-3 * abs($0) })
      #expect(firstMismatch(gradient, differences, tolerance: tolerance) == nil, "\(what) of \(name)")
    }
    for index in 0..<trainable {
      let differences = try FiniteDifferences.gradient(at: reference.parameters[index]) { moved in
        var other = reference
        other.parameters[index] = moved
        return try other.loss(images, targets: targets, update: 1)
      }
      expect(step.gradients[index], differences, reference.plan.parameters[index].name)
    }
    let differences = try FiniteDifferences.gradient(at: images) {
      try reference.loss($0, targets: targets, update: 1)
    }
    expect(step.inputGradient, differences, "images")
    // If all gradients were small, gradients of zeros would pass.
    #expect(step.gradients.flatMap(\.scalars).contains { abs($0) > 1e-2 }, "\(name)")
    #expect(step.inputGradient.scalars.contains { abs($0) > 1e-3 }, "\(name)")
  }
}
