import ConvNet
import Im2col
import Im2colReference
import Testing

/// Losses, metrics, data checks and optimizers inside a model.
@Suite("Losses of models")
struct LossTests {
  private static func model(
    _ units: Int, _ activation: Activation, seed: UInt64 = 3
  ) throws -> Model {
    try Model(
      inputShape: [4],
      layers: [.dense(units: 5, activation: .tanh), .dense(units: units, activation: activation)],
      seed: seed)
  }

  private static func fractions(_ count: Int, _ outputs: Int) -> Tensor {
    var random = SplitMix64(seed: 9)
    return Tensor(
      validated: [count, outputs], scalars: (0..<count * outputs).map { _ in Float(abs(random.real())) })
  }

  @Test("losses and gradients agree with the reference", arguments: ["softmax", "sigmoid", "linear", "tanh"])
  func reference(name: String) throws {
    let (loss, activation): (any Loss, Activation) =
      switch name {
      case "softmax": (.softmaxCrossEntropy(labelSmoothing: 0.25, classWeights: [1, 0.5, 2]), .softmax)
      case "sigmoid": (.binaryCrossEntropy, .sigmoid)
      case "tanh": (.meanSquaredError, .tanh)
      default: (.meanSquaredError, .identity)
      }
    let model = try Self.model(3, activation)
    try model.compile(
      optimizer: .sgd(), loss: loss, metrics: Metric.allCases, options: ComputeOptions(workers: Workers(2)))
    let images = try RandomImages.tensor([21, 4], seed: 5)
    let targets =
      name == "softmax" ? try RandomImages.labels(21, classes: 3, seed: 6) : Self.fractions(21, 3)
    let reference = try ReferenceModel(model)
    let step = try reference.step(DoubleTensor(images), targets: DoubleTensor(targets))
    let (score, gradients) = try model.gradients(images, targets)
    #expect(abs(score.loss - step.loss) < 1e-6)
    for (actual, expected) in zip(gradients, step.gradients.flatMap(\.scalars)) {
      #expect(abs(Double(actual) - expected) < 1e-6)
    }
    // Metrics by their definitions, on the predictions.
    let outputs = try model.predict(images)
    var (correct, binary, error) = (0, 0, 0.0)
    for image in 0..<21 {
      let (row, target) = (
        outputs.scalars[image * 3..<image * 3 + 3], targets.scalars[image * 3..<image * 3 + 3]
      )
      let best = row.indices.max { row[$0] < row[$1] } ?? 0
      let wanted = target.indices.max { target[$0] < target[$1] } ?? 0
      correct += best == wanted ? 1 : 0
      binary += zip(row, target).count { ($0 > 0.5) == ($1 > 0.5) }
      error += zip(row, target).map { Double(abs($0 - $1)) }.reduce(0, +)
    }
    let evaluated = try model.evaluate(images, targets)
    #expect(evaluated.correct == correct && evaluated.value(of: .accuracy) == Double(correct) / 21)
    #expect(abs(evaluated.value(of: .binaryAccuracy) - Double(binary) / 63) < 1e-9)
    #expect(abs(evaluated.value(of: .meanAbsoluteError) - error / 63) < 1e-6)
    #expect(evaluated.value(of: .topFiveAccuracy) == 1)
    #expect(abs(evaluated.lossSum - score.lossSum) < 1e-6)
  }

  @Test("a final activation of the loss is applied in predictions, with or without being written")
  func logits() throws {
    let images = try RandomImages.tensor([5, 4], seed: 5)
    let (with, without) = (try Self.model(3, .sigmoid), try Self.model(3, .identity))
    for model in [with, without] {
      try model.compile(loss: .binaryCrossEntropy, options: ComputeOptions(workers: Workers(1)))
    }
    let logits = try without.predict(images)
    #expect(try with.predict(images) == activate(logits, .sigmoid))
    let targets = Self.fractions(5, 3)
    #expect(try with.evaluate(images, targets) == without.evaluate(images, targets))
  }

  @Test("a softmax of one pixel before a flatten belongs to the loss")
  func flattenedSoftmax() throws {
    let model = try Model(
      inputShape: [3, 3, 2], layers: [.convolution(filters: 4, kernel: 3, activation: .softmax), .flatten],
      seed: 1)
    let plain = try Model(
      inputShape: [3, 3, 2], layers: [.convolution(filters: 4, kernel: 3), .flatten], seed: 1)
    let images = try RandomImages.tensor([6, 3, 3, 2], seed: 2)
    let targets = try RandomImages.labels(6, classes: 4, seed: 3)
    #expect(try model.evaluate(images, targets) == plain.evaluate(images, targets))
    #expect(try abs(model.predict(images).scalars.reduce(0, +) - 6) < 1e-5)
  }

  @Test("a loss and a last activation that do not fit are named")
  func mismatches() throws {
    let cases: [(any Loss, Int, Activation, String)] = [
      (.softmaxCrossEntropy, 3, .sigmoid, "ends in sigmoid"),
      (.binaryCrossEntropy, 3, .softmax, "ends in softmax"),
      (.softmaxCrossEntropy, 3, .relu, "ends in relu"),
      (.softmaxCrossEntropy, 1, .softmax, "at least 2 outputs"),
      (.softmaxCrossEntropy(labelSmoothing: 1), 3, .softmax, "label smoothing is 1.0"),
      (.softmaxCrossEntropy(classWeights: [1, 2]), 3, .softmax, "class weights"),
      (.softmaxCrossEntropy(classWeights: [1, -2, 1]), 3, .softmax, "weight of class 1 is -2.0"),
    ]
    for (loss, units, activation, text) in cases {
      let model = try Self.model(units, activation)
      let error = #expect(throws: EngineError.self) { try model.compile(loss: loss) }
      #expect(error.map { "\($0)".contains(text) } == true, "\(String(describing: error))")
    }
  }

  @Test(
    "images and targets that make no sense are named, and change nothing",
    arguments: ExecutionSchedule.allCases)
  func nonsense(schedule: ExecutionSchedule) throws {
    let images = try RandomImages.tensor([40, 4], seed: 5)
    let labels = try RandomImages.labels(40, classes: 3, seed: 6)
    func expect(
      _ loss: any Loss, _ activation: Activation, _ text: String,
      _ change: (inout Tensor, inout Tensor) -> Void
    ) throws {
      let model = try Self.model(3, activation)
      model.forcedSchedule = schedule
      try model.compile(loss: loss, options: ComputeOptions(workers: Workers(2)))
      var (pixels, targets) = (images, labels)
      change(&pixels, &targets)
      let before = model.parameters
      for call in [
        { _ = try model.trainOnBatch(pixels, targets) }, { _ = try model.evaluate(pixels, targets) },
        { _ = try model.gradients(pixels, targets) },
      ] as [() throws -> Void] {
        let error = #expect(throws: EngineError.self) { try call() }
        guard case .data(let data)? = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(data.image == 17 && data.problem.contains(text), "\(data)")
      }
      #expect(model.parameters == before)
      #expect(throws: Never.self) { try model.trainOnBatch(images, labels) }
    }
    try expect(.softmaxCrossEntropy, .softmax, "[0.0, 0.0, 0.0]") { _, targets in
      for class_ in 0..<3 { targets.scalars[17 * 3 + class_] = 0 }
    }
    try expect(.softmaxCrossEntropy, .softmax, "sum to 1") { _, targets in targets.scalars[17 * 3] = -1 }
    try expect(.binaryCrossEntropy, .sigmoid, "from 0 to 1") { _, targets in targets.scalars[17 * 3] = 1.5 }
    try expect(.meanSquaredError, .identity, "finite") { _, targets in targets.scalars[17 * 3 + 1] = .infinity
    }
    try expect(.softmaxCrossEntropy, .softmax, "pixel 2 is nan") { pixels, _ in
      pixels.scalars[17 * 4 + 2] = .nan
      pixels.scalars[30 * 4] = .infinity
    }
  }

  @Test("class numbers are targets")
  func classNumbers() throws {
    let images = try RandomImages.tensor([10, 4], seed: 5)
    let labels = [2, 0, 1, 1, 2, 0, 0, 2, 1, 0]
    var oneHot = try Tensor(repeating: 0, shape: [10, 3])
    for (row, label) in labels.enumerated() { oneHot.scalars[row * 3 + label] = 1 }
    let numbers = try Tensor(shape: [10], scalars: labels.map(Float.init))
    let model = try Self.model(3, .softmax)
    #expect(try model.evaluate(images, numbers) == model.evaluate(images, oneHot))
    #expect(
      try model.evaluate(ClassData(images, labels: labels, classes: 3)) == model.evaluate(images, oneHot))
    var wrong = numbers
    wrong.scalars[4] = 3
    #expect(
      throws: EngineError.data(
        DataError(image: 4, problem: "the label is 3; the 3 classes have the numbers 0 to 2"))
    ) {
      try model.evaluate(images, wrong)
    }
    wrong.scalars[4] = 0.5
    #expect(throws: EngineError.self) { try model.evaluate(images, wrong) }
  }

  @Test("a gradient is clipped by its norm, with the same bits for any number of workers")
  func clipping() throws {
    let images = try RandomImages.tensor([37, 4], seed: 5)
    let targets = try RandomImages.labels(37, classes: 3, seed: 6)
    func change(_ clip: Float?, workers: Int) throws -> [Float] {
      let model = try Self.model(3, .softmax)
      try model.compile(
        optimizer: .sgd(learningRate: 1, clipNorm: clip), options: ComputeOptions(workers: Workers(workers)))
      let before = model.parameters
      try model.trainOnBatch(images, targets)
      return zip(model.parameters, before).map { $0 - $1 }
    }
    func norm(_ values: [Float]) -> Double {
      values.map { Double($0) * Double($0) }.reduce(0, +).squareRoot()
    }
    let free = try change(nil, workers: 1)
    let clipped = try change(0.125, workers: 1)
    #expect(norm(free) > 0.25 && abs(norm(clipped) - 0.125) < 1e-5)
    let ratio = Float(0.125 / norm(free))
    #expect(zip(free, clipped).allSatisfy { abs($0 * ratio - $1) < 1e-6 })
    #expect(try change(0.125, workers: 3) == clipped)
    #expect(try change(1e6, workers: 2) == free)
    #expect(throws: EngineError.self) { try Self.model(3, .softmax).compile(optimizer: .adam(clipNorm: 0)) }
  }

  @Test("frozen layers keep their parameters and statistics; the others train as before them")
  func frozen() throws {
    let layers: [Block] = [
      .convolution(filters: 3, kernel: 2, name: "conv"), .batchNormalization(name: "bn"), .activation(.relu),
      .flatten, .dense(units: 3, activation: .softmax, name: "dense"),
    ]
    let images = try RandomImages.tensor([9, 5, 4, 2], seed: 5)
    let targets = try RandomImages.labels(9, classes: 3, seed: 6)
    let model = try Model(inputShape: [5, 4, 2], layers: layers, seed: 2)
    try model.freeze { $0 == "conv" || $0 == "bn" }
    #expect(model.frozenLayers == ["conv", "bn"])
    #expect(throws: EngineError.self) { try model.trainOnBatch(images, targets) }
    try model.compile(optimizer: .adam(weightDecay: 0.1), options: ComputeOptions(workers: Workers(2)))
    let before = model.parameterTensors
    let gradient = try model.gradients(images, targets).gradients
    try model.trainOnBatch(images, targets)
    for (old, new) in zip(before, model.parameterTensors) {
      #expect((old == new) == !old.name.hasPrefix("dense"), "\(old.name)")
    }
    #expect(gradient[..<(3 * 2 * 2 * 2 + 3 + 6)].allSatisfy { $0 == 0 } && gradient.contains { $0 != 0 })
    // Frozen in the middle: the gradient passes through.
    let middle = try Model(inputShape: [5, 4, 2], layers: layers, seed: 2)
    try middle.freeze { $0 == "bn" }
    try middle.compile(optimizer: .sgd(learningRate: 0.5), options: ComputeOptions(workers: Workers(2)))
    let slope = try middle.gradients(images, targets).gradients[0]
    var moved = middle.parameters
    let step: Float = 0.0078125
    moved[0] += step
    let loss = try middle.evaluate(images, targets).loss
    try middle.setParameters(moved)
    let difference = (try middle.evaluate(images, targets).loss - loss) / Double(step)
    #expect(abs(difference - Double(slope)) < 0.05 * max(1, abs(difference)))
  }
}
