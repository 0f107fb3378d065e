import ArgumentParser
import ConvNet
import Im2col
import MNISTData

/// Figure 1 of the AlexNet paper on a small scale: how fast the training error falls with ReLU and with tanh.
struct ReluTanhResult: Codable {
  struct Run: Codable {
    let activation: Activation
    let learningRate: Float
    let seed: UInt64
    /// The fraction of wrong predictions in each window of batches, each batch measured before its update.
    let errors: [Double]
  }

  let dataset: String
  let images: Int
  let batchSize: Int
  /// The number of batches in a window.
  let window: Int
  /// One epoch for each learning rate; each activation's rate was chosen from these.
  let search: [Run]
  let runs: [Run]
}

struct ReluTanhCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relu-tanh",
    abstract: "Measures how fast LeNet-5's training error falls with ReLU and with tanh.",
    discussion: """
      As in Figure 1 of the AlexNet paper, each network gets the learning rate that makes its training fastest, and \
      none is regularized. Gradient descent with momentum 0.9; the rate with the smallest error over one epoch, with \
      a seed that is not used again, is chosen.
      """)

  static let rates: [Float] = [0.001, 0.003, 0.01, 0.03, 0.1]
  static let searchSeed: UInt64 = 1000
  static let window = 50

  @OptionGroup var data: DataOption
  @Option(help: "The number of trainings of each network.") var seeds = 5
  @Option(help: "The number of epochs of each training.") var epochs = 4
  @Option(help: "The number of images in a batch.") var batchSize = 32

  func validate() throws {
    guard (1...100).contains(seeds), (1...100).contains(epochs), (1...10_000).contains(batchSize) else {
      throw ValidationError("--seeds and --epochs must be in 1...100, --batch-size in 1...10000.")
    }
  }

  func run() throws {
    let dataset = try data.dataset()
    var search: [ReluTanhResult.Run] = []
    var runs: [ReluTanhResult.Run] = []
    for activation in [Activation.relu, .tanh] {
      let tried = try ReluTanhCommand.rates.map { rate in
        try train(dataset.train, activation, rate, seed: ReluTanhCommand.searchSeed, epochs: 1)
      }
      search += tried
      func total(_ run: ReluTanhResult.Run) -> Double { run.errors.reduce(0, +) }
      guard let best = tried.min(by: { total($0) < total($1) }) else { continue }
      for seed in 0..<UInt64(seeds) {
        runs.append(try train(dataset.train, activation, best.learningRate, seed: seed, epochs: epochs))
      }
    }
    let result = ReluTanhResult(
      dataset: dataset.name, images: dataset.train.count, batchSize: batchSize,
      window: ReluTanhCommand.window, search: search, runs: runs)
    try MeasuredFolder(path: data.measured).write(result, "relu-tanh.json")
  }

  private func train(
    _ images: LabeledImages, _ activation: Activation, _ rate: Float, seed: UInt64, epochs: Int
  ) throws -> ReluTanhResult.Run {
    let model = try Sequential(
      inputShape: LeNet5.inputShape, layers: ReluTanhCommand.layers(activation), seed: seed)
    try model.compile(optimizer: .sgd(learningRate: rate, momentum: 0.9))
    var errors: [Double] = []
    var score = Score()
    var batches = 0
    let callbacks = FitCallbacks(onBatch: { report in
      score += report.score
      batches += 1
      if batches.isMultiple(of: ReluTanhCommand.window) {
        errors.append(((1 - score.accuracy) * 1e5).rounded() / 1e5)
        score = Score()
      }
      return .continue
    })
    try model.fit(images, batchSize: batchSize, epochs: epochs, callbacks: callbacks)
    let last = errors.last.map { number($0 * 100) } ?? "?"
    print(
      "\(activation), learning rate \(rate), seed \(seed), \(epochs) epochs: error \(last)% at the end"
    )
    return ReluTanhResult.Run(activation: activation, learningRate: rate, seed: seed, errors: errors)
  }

  /// LeNet-5 with another activation and the initialization that suits it: He's for ReLU, Glorot's for tanh.
  static func layers(_ activation: Activation) -> [Block] {
    LeNet5.layers(initializer: activation == .relu ? .heNormal : .glorotUniform).map { block in
      guard case .layer(let layer, let name) = block else { return block }
      switch layer.layer {
      case var convolution as ConvolutionLayer where convolution.activation == .relu:
        convolution.activation = activation
        return .layer(convolution, name: name)
      case var dense as DenseLayer where dense.activation == .relu:
        dense.activation = activation
        return .layer(dense, name: name)
      default: return block
      }
    }
  }
}
