import ArgumentParser
import ConvNet
import Im2col
import MNISTData

/// The effect of dropout and of shifted images on the test error, with few training images.
struct RegularizationResult: Codable {
  struct Run: Codable {
    let arm: Arm
    let seed: UInt64
    /// The fraction of wrong predictions on the test set after each epoch.
    let testErrors: [Double]
    /// The same on the training images, as the network saw them, in the last epoch.
    let trainingError: Double
  }

  /// The regularization of a training run.
  enum Arm: String, Codable, CaseIterable {
    case plain, dropout, shifts, both

    var dropsOut: Bool { self == .dropout || self == .both }
    var shifts: Bool { self == .shifts || self == .both }
  }

  let dataset: String
  let images: Int
  let testImages: Int
  let batchSize: Int
  let dropout: Float
  let distance: Int
  let runs: [Run]
}

struct RegularizationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regularization",
    abstract: "Measures the effect of dropout and shifted images on LeNet-5's test error.",
    discussion: """
      LeNet-5 on the first images of the training set, with Adam and a learning rate that falls to zero: plain, with \
      dropout after the two hidden dense layers, with every image shifted at random in every epoch, and with both.
      """)

  @OptionGroup var data: DataOption
  @Option(help: "The number of trainings of each kind.") var seeds = 5
  @Option(help: "The number of epochs of each training.") var epochs = 25
  @Option(help: "The number of training images.") var images = 10_000
  @Option(help: "The fraction of outputs that dropout sets to zero.") var dropout: Float = 0.5
  @Option(help: "The largest shift in pixels.") var distance = 2

  func validate() throws {
    guard (1...100).contains(seeds), (1...1000).contains(epochs), (1...60_000).contains(images) else {
      throw ValidationError("--seeds must be in 1...100, --epochs in 1...1000, --images in 1...60000.")
    }
  }

  func run() throws {
    let dataset = try data.dataset()
    let part = dataset.train[0..<min(images, dataset.train.count)]
    var runs: [RegularizationResult.Run] = []
    for arm in RegularizationResult.Arm.allCases {
      for seed in 0..<UInt64(seeds) {
        let model = try Sequential(
          inputShape: LeNet5.inputShape, layers: LeNet5.layers(dropout: arm.dropsOut ? dropout : 0),
          seed: seed)
        let updates = epochs * ((part.count - 1) / RegularizationCommand.batchSize + 1)
        try model.compile(optimizer: .adam(schedule: .cosine(over: updates)))
        let shifted = try ShiftedImages(part, upTo: arm.shifts ? distance : 0, seed: seed)
        let history = try model.fit(
          shifted, batchSize: RegularizationCommand.batchSize, epochs: epochs, validationData: dataset.test)
        let errors = history.epochs.compactMap { $0.validation.map { rounded(1 - $0.accuracy) } }
        let last = rounded(1 - (history.epochs.last?.training.accuracy ?? 0))
        print("\(arm.rawValue), seed \(seed): test error \(number((errors.last ?? 1) * 100))%")
        runs.append(.init(arm: arm, seed: seed, testErrors: errors, trainingError: last))
      }
    }
    let result = RegularizationResult(
      dataset: dataset.name, images: part.count, testImages: dataset.test.count,
      batchSize: RegularizationCommand.batchSize, dropout: dropout, distance: distance, runs: runs)
    try MeasuredFolder(path: data.measured).write(result, "regularization.json")
  }

  static let batchSize = 32

  private func rounded(_ fraction: Double) -> Double { (fraction * 1e5).rounded() / 1e5 }
}
