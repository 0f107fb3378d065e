import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Batch normalization")
struct BatchNormalizationTests {
  /// A model that normalizes images of two channels and predicts two classes from their means.
  private static func model(
    _ inputShape: [Int], momentum: Double = 0.75, epsilon: Double = 1e-5, workers: Int = 1, seed: UInt64 = 3
  ) throws -> Model {
    let model = try Model(
      inputShape: inputShape,
      layers: [
        .batchNormalization(momentum: momentum, epsilon: epsilon, name: "bn"), .globalAveragePooling(),
        .dense(units: 2, name: "dense"),
      ], seed: seed)
    try model.compile(optimizer: .sgd(learningRate: 0), options: ComputeOptions(workers: Workers(workers)))
    return model
  }

  /// Returns the scalars of a parameter.
  private static func scalars(_ name: String, of model: Model) throws -> [Float] {
    try #require(model.parameterTensors.first { $0.name == name }).tensor.scalars
  }

  private static let names = ["bn.gamma", "bn.beta", "dense.kernel", "dense.bias", "bn.mean", "bn.variance"]

  @Test("four arrays: gamma and beta are trainable, the running mean and variance are state")
  func parameters() throws {
    let model = try Self.model([3, 2, 2])
    #expect(model.parameterTensors.map(\.name) == Self.names)
    #expect(
      try Self.scalars("bn.gamma", of: model) == [1, 1] && Self.scalars("bn.beta", of: model) == [0, 0])
    #expect(
      try Self.scalars("bn.mean", of: model) == [0, 0] && Self.scalars("bn.variance", of: model) == [1, 1])
    #expect(model.trainableCount == 4 + 6 && model.parameterCount == 4 + 6 + 4)
  }

  @Test("inference by hand: the running statistics, gamma and beta")
  func inference() throws {
    let model = try Model(
      inputShape: [1, 1, 2], layers: [.batchNormalization(epsilon: 0.25), .flatten, .activation(.relu)])
    // gamma, beta, mean, variance of two channels.
    try model.setParameters([2, 1, 1, 10, 3, -1, 2, 3.75])
    let images = try Tensor(shape: [2, 1, 1, 2], scalars: [6, 1, -3, -41])
    // 2 * (6 - 3) / 1.5 + 1, (1 + 1) / 2 + 10, 2 * (-6) / 1.5 + 1 < 0, -40 / 2 + 10 < 0.
    #expect(try model.predict(images).scalars == [5, 11, 0, 0])
  }

  @Test("running statistics by hand: Keras' momentum, variance over n - 1")
  func runningStatistics() throws {
    let model = try Self.model([1, 2, 2])
    let images = try Tensor(shape: [2, 1, 2, 2], scalars: [0, 5, 2, 5, 4, 1, 6, 1])
    let targets = try Tensor(shape: [2, 2], scalars: [1, 0, 0, 1])
    // Channel 0: 0 2 4 6, mean 3, squares 20. Channel 1: 5 5 1 1, mean 3, squares 16. Over n - 1 = 3.
    var (mean, variance): ([Float], [Float]) = ([0, 0], [1, 1])
    for _ in 0..<3 {
      try model.trainOnBatch(images, targets)
      mean = mean.map { Float(0.75 * Double($0) + 0.25 * 3) }
      variance = zip(variance, [20.0, 16.0]).map { Float(0.75 * Double($0) + 0.25 * $1 / 3) }
      #expect(try Self.scalars("bn.mean", of: model) == mean)
      for (one, expected) in zip(try Self.scalars("bn.variance", of: model), variance) {
        #expect(abs(one - expected) <= expected.ulp)
      }
    }
    // The defaults are Keras' names with momentum 0.9, and PyTorch's epsilon.
    let defaults = BatchNormalizationLayer()
    #expect(defaults.momentum == 0.9 && defaults.epsilon == 1e-5)
  }

  @Test("training normalizes by the batch, inference by what training left")
  func inferenceAfterTraining() throws {
    let model = try Self.model([1, 1, 2], momentum: 0)
    // Dense outputs are the normalized channels.
    try model.setParameters([1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 7, 7, 7, 7])
    let images = try Tensor(shape: [4, 1, 1, 2], scalars: [0, 8, 2, 4, 4, 0, 6, -4])
    let targets = try Tensor(shape: [4, 2], scalars: [1, 0, 0, 1, 1, 0, 0, 1])
    // Variance 5 and 20 over n: both channels are -1.34, -0.45, 0.45, 1.34 and their negatives.
    let z = [-3, -1, 1, 3].map { $0 / 5.0.squareRoot() }
    let logits = DoubleTensor(shape: [4, 2], scalars: z.flatMap { [$0, -$0] })
    let expected = LoopNestLoss.softmaxCrossEntropy.mean(outputs: logits, targets: DoubleTensor(targets)).loss
    let score = try model.trainOnBatch(images, targets)
    #expect(abs(score.loss - expected) < 1e-5)
    // Momentum 0: the running values are those of the batch, with n - 1 = 3 in the variance.
    #expect(try Self.scalars("bn.mean", of: model) == [3, 2])
    let outputs = try model.predict(images)
    let inferred = logits.map { $0 * (3.0 / 4).squareRoot() }
    #expect(firstMismatch(outputs, inferred, tolerance: .absolute(1e-5)) == nil)
    // An evaluation does not move them, nor does a gradient.
    let before = model.parameters
    _ = try model.evaluate(images, targets)
    _ = try model.gradients(images, targets)
    #expect(model.parameters == before)
  }

  @Test("momentum 1 keeps the running statistics")
  func momentumOne() throws {
    let model = try Self.model([2, 3, 2], momentum: 1)
    try model.trainOnBatch(
      RandomImages.tensor([3, 2, 3, 2], seed: 1), RandomImages.labels(3, classes: 2, seed: 2))
    #expect(
      try Self.scalars("bn.mean", of: model) == [0, 0] && Self.scalars("bn.variance", of: model) == [1, 1])
  }

  /// Layers whose normalizations are folded: with and without bias, groups, followed by activation, pooling, and a
  /// sum; and some that are not: after an activation, after a pooling, at the input, after a dense layer.
  private static let folded: [Block] = [
    .batchNormalization(),
    .convolution(filters: 4, kernel: 3, padding: .same), .batchNormalization(), .activation(.relu),
    .maxPooling(window: 2),
    .residual(
      [
        .convolution(filters: 6, kernel: 3, stride: 2, groups: 2, padding: .same, useBias: false),
        .batchNormalization(epsilon: 1e-3), .activation(.tanh),
        .convolution(filters: 5, kernel: 1), .batchNormalization(),
      ], shortcut: [.convolution(filters: 5, kernel: 1, stride: 2, useBias: false), .batchNormalization()]),
    .activation(.relu), .batchNormalization(),
    .convolution(filters: 3, kernel: 2, activation: .sigmoid), .batchNormalization(), .flatten,
    .dense(units: 7), .batchNormalization(), .activation(.relu), .dense(units: 3, activation: .softmax),
  ]

  @Test("folding agrees with the separate layers", arguments: ExecutionSchedule.allCases)
  func folding(schedule: ExecutionSchedule) throws {
    let model = try Model(inputShape: [11, 9, 3], layers: Self.folded, seed: 5)
    model.forcedSchedule = schedule
    var random = SplitMix64(seed: 6)
    try model.setParameters(random.parameters(of: model))
    let plan = model.plan
    func normalizations(_ purpose: OpPurpose) throws -> Int {
      try OpGraph(plan, purpose).ops.count { plan.nodes[$0.nodes[0]].layer is BatchNormalizationLayer }
    }
    var separately = OpPurpose.inference
    separately.fuses = false
    #expect(try normalizations(separately) == 8)
    #expect(try normalizations(.inference) == 4)
    let images = try RandomImages.tensor([5, 11, 9, 3], seed: 7)
    let (folded, separate) = (
      try model.predict(images), try #require(try model.activations(for: images).last).output
    )
    #expect(firstMismatch(folded, DoubleTensor(separate), tolerance: .absolute(1e-6)) == nil)
    let exact = try ReferenceModel(model).outputs(DoubleTensor(images))
    #expect(firstMismatch(folded, exact, tolerance: .absolute(1e-6)) == nil)
    // The folded kernels follow the parameters.
    try model.setParameters(random.parameters(of: model))
    let moved = try ReferenceModel(model).outputs(DoubleTensor(images))
    #expect(firstMismatch(try model.predict(images), moved, tolerance: .absolute(1e-6)) == nil)
    #expect(firstMismatch(moved, exact, tolerance: .absolute(1e-3)) != nil)
  }

  @Test("a batch of one pixel is normalized to beta; its variance is 0")
  func onePixel() throws {
    let model = try Self.model([1, 1, 2])
    try model.setParameters([3, 3, 0.5, -0.25, 1, 0, 0, 1, 0, 0, 8, 8, 4, 4])
    let images = try Tensor(shape: [1, 1, 1, 2], scalars: [5, -7])
    let targets = try Tensor(shape: [1, 2], scalars: [1, 0])
    let logits = DoubleTensor(shape: [1, 2], scalars: [0.5, -0.25])
    let expected = LoopNestLoss.softmaxCrossEntropy.mean(outputs: logits, targets: DoubleTensor(targets)).loss
    let (score, gradients) = try model.gradients(images, targets)
    // `scale * x + shift` cancels: the rounding is that of a product of 3 / sqrt(epsilon) and a pixel.
    #expect(abs(score.loss - expected) < 3 / 1e-5.squareRoot() * 7 * 2 * ErrorBound.unit)
    let finite = gradients.filter(\.isFinite)
    #expect(finite.count == gradients.count && gradients[..<2] == [0, 0] && gradients[2] != 0)
    try model.trainOnBatch(images, targets)
    #expect(try Self.scalars("bn.mean", of: model) == [0.75 * 8 + 0.25 * 5, 0.75 * 8 - 0.25 * 7])
    #expect(try Self.scalars("bn.variance", of: model) == [3, 3])
  }

  /// The variance of a large constant is 0 and never negative, though its square has rounding errors.
  @Test("a constant channel is normalized to beta", arguments: [0, 1, 0.1, 12_345.678] as [Float])
  func constantChannel(value: Float) throws {
    let model = try Self.model([3, 5, 2])
    try model.setParameters([1, 1, 0.5, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1])
    var images = try RandomImages.tensor([7, 3, 5, 2], seed: 8)
    for pixel in stride(from: 0, to: images.count, by: 2) { images.scalars[pixel] = value }
    let targets = try RandomImages.labels(7, classes: 2, seed: 9)
    let reference = try ReferenceModel(model).step(DoubleTensor(images), targets: DoubleTensor(targets))
    let (score, gradients) = try model.gradients(images, targets)
    // `scale * x + shift` cancels, with a scale of 1 / sqrt(epsilon).
    let rounding = Double(value.ulp) / 1e-5.squareRoot()
    #expect(abs(score.loss - reference.loss) < 1e-5 + rounding)
    let finite = gradients.filter(\.isFinite)
    #expect(finite.count == gradients.count)
    try model.trainOnBatch(images, targets)
    let (mean, variance) = (
      try Self.scalars("bn.mean", of: model), try Self.scalars("bn.variance", of: model)
    )
    #expect(abs(mean[0] - 0.25 * value) <= value.ulp)
    #expect(variance[0] >= 0.75 && abs(variance[0] - 0.75) <= 1e-6 * max(1, value))
  }

  @Test("a mean a thousand times the deviation is subtracted without loss of digits in the statistics")
  func largeMean() throws {
    let model = try Self.model([5, 7, 2], momentum: 0)
    var images = try RandomImages.tensor([9, 5, 7, 2], seed: 10)
    images.scalars = images.scalars.map { 1024 + $0 }
    let exact = LoopNestBatchNormalization.statistics(of: DoubleTensor(images))
    try model.trainOnBatch(images, RandomImages.labels(9, classes: 2, seed: 11))
    let pixels = 9.0 * 5 * 7
    for channel in 0..<2 {
      let (mean, variance) = (
        exact.mean.scalars[channel], exact.variance.scalars[channel] * pixels / (pixels - 1)
      )
      #expect(try Self.scalars("bn.mean", of: model)[channel] == Float(mean))
      let running = Double(try Self.scalars("bn.variance", of: model)[channel])
      #expect(abs(running - variance) < 1e-6 * variance)
    }
  }

  @Test("a NaN in one channel reaches the statistics of that channel alone")
  func notANumber() throws {
    let model = try Model(
      inputShape: [2, 2, 1],
      layers: [
        .convolution(filters: 2, kernel: 1, useBias: false, name: "conv"), .batchNormalization(name: "bn"),
        .globalAveragePooling(), .dense(units: 2),
      ])
    try model.compile(optimizer: .sgd(learningRate: 0))
    // Images with a NaN are refused, so it comes from the kernel.
    var tensors = model.parameterTensors
    tensors[0] = NamedTensor(
      name: "conv.kernel", tensor: try Tensor(shape: [1, 1, 1, 2], scalars: [1, .nan]))
    try model.setParameterTensors(tensors)
    let images = try RandomImages.tensor([2, 2, 2, 1], seed: 12)
    try model.trainOnBatch(images, RandomImages.labels(2, classes: 2, seed: 13))
    #expect(try Self.scalars("bn.mean", of: model).map(\.isNaN) == [false, true])
    #expect(try Self.scalars("bn.variance", of: model).map(\.isNaN) == [false, true])
  }

  private static func trained(workers: Int, steps: Range<Int>, from start: Model? = nil) throws -> Model {
    let model = try Model(inputShape: [11, 9, 3], layers: folded, seed: 14)
    try model.compile(optimizer: .adam(), options: ComputeOptions(workers: Workers(workers)))
    if let start, let state = start.optimizerState {
      try model.setParameters(start.parameters)
      try model.setOptimizerState(state)
    }
    for step in steps {
      // Batches of several sizes, some in more than one part.
      let batch = [23, 40, 7][step % 3]
      try model.trainOnBatch(
        RandomImages.tensor([batch, 11, 9, 3], seed: UInt64(20 + step)),
        RandomImages.labels(batch, classes: 3, seed: UInt64(40 + step)))
    }
    return model
  }

  @Test("the same bits with 1, 2 and 3 workers, and for a training that is resumed")
  func bits() throws {
    let expected = try Self.trained(workers: 1, steps: 0..<5).parameters.map(\.bitPattern)
    for workers in 2...3 {
      #expect(try Self.trained(workers: workers, steps: 0..<5).parameters.map(\.bitPattern) == expected)
    }
    let half = try Self.trained(workers: 2, steps: 0..<2)
    let resumed = try Self.trained(workers: 3, steps: 2..<5, from: half)
    #expect(resumed.parameters.map(\.bitPattern) == expected)
  }

  @Test("the sums of many parts: a batch larger than one part of the work")
  func manyParts() throws {
    // 40 images of 31 * 29 pixels with 5 channels are 180 thousand scalars, cut into parts of 16 thousand.
    let shape = [31, 29, 5]
    let model = try Model(
      inputShape: shape,
      layers: [.batchNormalization(momentum: 0), .globalAveragePooling(), .dense(units: 2)])
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    let images = try RandomImages.integers([40] + shape, seed: 15)
    let exact = LoopNestBatchNormalization.statistics(of: DoubleTensor(images))
    try model.trainOnBatch(images, RandomImages.labels(40, classes: 2, seed: 16))
    let mean = try #require(model.parameterTensors.first { $0.name == "bn1.mean" }).tensor
    #expect(firstMismatch(mean, exact.mean, tolerance: .absolute(1e-7)) == nil)
  }

  @Test(
    "settings out of range are errors",
    arguments: [
      BatchNormalizationLayer(momentum: -0.1), BatchNormalizationLayer(momentum: 1.5),
      BatchNormalizationLayer(momentum: .nan), BatchNormalizationLayer(epsilon: 0),
      BatchNormalizationLayer(epsilon: -1), BatchNormalizationLayer(epsilon: .infinity),
      BatchNormalizationLayer(epsilon: .nan),
    ])
  func invalid(layer: BatchNormalizationLayer) {
    #expect(throws: EngineError.self) { try Model(inputShape: [2, 2, 2], layers: [.layer(layer)]) }
  }
}
