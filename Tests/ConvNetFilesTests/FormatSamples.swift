import ConvNet
import ConvNetFiles
import Im2col

/// The content of the file format fixtures, written with the current API; see `Fixtures/1ea83b6/README.md`.
///
/// Names in this file may change, but the fixtures must not: a fixture that has to change means a changed
/// format.
enum FormatSamples {
  // MARK: - A model with every kind of layer

  static let inputShape = [13, 11, 4]
  static let seed: UInt64 = 41

  /// Every kind of layer with every option, padding rule, activation and initializer, with and without names.
  static let everyLayer: [Block] = [
    .convolution(
      filters: 6, kernel: Size2D(height: 3, width: 2), stride: Size2D(height: 2, width: 1), groups: 2,
      padding: .explicit(top: 1, bottom: 0, left: 2, right: 1), activation: .tanh,
      initializer: .glorotUniform, biasInitializer: .constant(0.25), name: "first"),
    .responseNormalization(size: 4, k: 1.5, alpha: 0.01, beta: 0.6, name: "lrn"),
    .maxPooling(
      window: Size2D(height: 3, width: 2), stride: Size2D(height: 2, width: 1), padding: .same, name: "max"),
    .convolution(
      filters: 4, kernel: 2, dilation: Size2D(height: 1, width: 2), padding: .same, activation: .sigmoid,
      initializer: .normal(standardDeviation: 2), biasInitializer: .normal(standardDeviation: 0.1)),
    .averagePooling(
      window: 2, stride: Size2D(height: 1, width: 2), padding: .explicit(top: 0, bottom: 1, left: 1, right: 0)
    ),
    .dropout(rate: 0.25, name: "dropout"),
    .convolution(
      filters: 4, kernel: 3, groups: 4, padding: .sameExtent, activation: .relu,
      initializer: .varianceScalingTF1, biasInitializer: .constant(0.5), name: "depthwise"),
    .maxPooling(window: 2),
    .convolution(
      filters: 5, kernel: 1, padding: .valid, activation: .softmax,
      initializer: .normal(standardDeviation: 3)),
    .activation(.sigmoid, name: "curve"),
    .averagePooling(window: Size2D(height: 1, width: 2), stride: 1, name: "average"),
    .responseNormalization(),
    .flatten,
    .dense(
      units: 7, activation: .relu, initializer: .heNormal, biasInitializer: .constant(0.25)),
    .activation(.tanh),
    .dropout(),
    .dense(units: 5, activation: .identity, initializer: .normal(standardDeviation: 1.5), name: "last"),
    .activation(.softmax),
  ]

  static let graph = Graph(inputShape: inputShape, everyLayer)

  static let classNames = ["zero", "größe", "two/three", "\"four\"", "five six"]
  static let pixelDivisor = 256
  static let notes = ["data set": "made up", "größe": "13/11", "seed": "41"]

  static func model(_ optimizer: Optimizer? = nil) throws -> Sequential {
    let model = try Sequential(inputShape: inputShape, layers: everyLayer, seed: seed)
    if let optimizer {
      try model.compile(optimizer: optimizer, options: ComputeOptions(workers: Workers(1)))
    }
    return model
  }

  // MARK: - Interrupted runs

  /// A training run of the model above that was interrupted for a checkpoint.
  struct Training {
    /// The name of its checkpoint's folder and of its results.
    let name: String
    let optimizer: Optimizer
    let validates: Bool
    let stopping: EarlyStopping?
    let settings: TrainingSettings
  }

  static let epochs = 3
  static let batchSize = 4
  /// The number of batches of the last epoch before the checkpoint.
  static let batches = 2

  static let runs = [
    Training(
      name: "adam",
      optimizer: .adam(
        learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 0.001, weightDecay: 0.05,
        schedule: .cosine(over: 7, end: 0.25, warmup: 2)), validates: true,
      stopping: EarlyStopping(monitor: .validationAccuracy, patience: 5),
      settings: settings([
        ("--seed", "41"), ("--learning-rate", "\(Float(0.01))"), ("--weight-decay", "\(Float(0.05))"),
        ("the \"images\"", "größe\u{1B}[2J"),
      ])),
    Training(
      name: "momentum",
      optimizer: .sgd(
        learningRate: 0.05, momentum: 0.9, weightDecay: 0.001,
        schedule: .step(every: 4, factor: 0.5, warmup: 3)), validates: false, stopping: nil,
      settings: settings([])),
  ]

  static let fingerprint = ArithmeticFingerprint(products: "0a", training: "1b")

  private static func settings(_ pairs: [(String, String)]) -> TrainingSettings {
    var settings = TrainingSettings()
    for (name, value) in pairs { settings.add(name, value) }
    return settings
  }

  // MARK: - Values that files store as JSON

  static let layers: [Block] =
    everyLayer + [
      .convolution(filters: 1, kernel: 1), .dense(units: 1, activation: .softmax, initializer: .zeros),
      .dropout(rate: 0, name: ""), .activation(.relu, name: "a \"quoted\\name\"/größe"),
    ]

  static let sizes: [Size2D] = [1, Size2D(height: 3, width: 2)]
  static let paddings: [Padding] = [
    .valid, .same, .sameExtent, .explicit(top: 1, bottom: 2, left: 3, right: 4),
  ]
  static let activations: [Activation] = [.identity, .relu, .tanh, .sigmoid, .softmax]
  static let initializers: [Initializer] = [
    .zeros, .constant(1), .constant(-0.1), .normal(standardDeviation: 0.01), .heNormal, .varianceScalingTF1,
    .glorotUniform,
  ]
  static let poolingModes: [PoolingMode] = [.max, .average]
  static let poolingTies: [PoolingTies] = [.first, .all]
  static let losses: [SoftmaxCrossEntropy] = [.categoricalCrossEntropy]
  static let metrics: [Metric] = [.accuracy]

  static let optimizers: [Optimizer] =
    [
      .adam(), .sgd(), .sgd(learningRate: 0.1, momentum: 0.9),
      .adam(schedule: .constant(warmup: 12)), AlexNet.optimizer,
    ] + runs.map(\.optimizer)
  static let schedules: [LearningRateSchedule] = [
    .constant, .constant(warmup: 5), .step(every: 3), .step(every: 3, factor: 0.5, warmup: 2),
    .cosine(over: 30), .cosine(over: 30, end: 0.01, warmup: 4),
  ]
  static let stoppings: [EarlyStopping] = [
    EarlyStopping(patience: 3),
    EarlyStopping(monitor: .validationAccuracy, patience: 1, minimumDelta: 0.001, keepsBest: false),
    EarlyStopping(monitor: .trainingLoss, patience: 2),
    EarlyStopping(monitor: .trainingAccuracy, patience: 4),
  ]

  private static let scores = [
    Score(lossSum: 0.1 + 0.2, correct: 3, images: 13),
    Score(lossSum: 12_345.678_901_234_567, correct: 0, images: 1),
  ]
  static let epochScores = [
    EpochScores(training: scores[0], validation: nil),
    EpochScores(training: scores[1], validation: scores[0]),
  ]
  static let progresses: [TrainingProgress] = {
    var progress = TrainingProgress()
    progress.completed = [
      CompletedEpoch(
        updates: 4, training: scores[0], validation: nil, trainingSeconds: 0.125, seconds: 0.333_333_3),
      CompletedEpoch(updates: 8, training: scores[0], validation: scores[1], trainingSeconds: 1, seconds: 2),
    ]
    (progress.batch, progress.running, progress.seconds) = (3, scores[1], 0.0625)
    return [TrainingProgress(), progress]
  }()
  static let versions = [Versions(package: "0.1.0", openBLAS: "OpenBLAS 0.3.21 größe", core: "Haswell")]
}
