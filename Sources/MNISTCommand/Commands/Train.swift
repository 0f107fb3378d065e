import ArgumentParser
import ConvNet
import ConvNetFiles
import Im2col
import MNISTData

/// `mnist train`: data -> fit -> test -> model file -> results.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train LeNet-5 and test what it has learned.",
    discussion: """
      Trains on the first 50,000 images, validates on the other 10,000 after every epoch, and tests on the 10,000 \
      of the test set. The same seed and options give the same model, bit by bit, with any number of threads.

      Ends with status 3 when the training diverges, and with 130 or 143 when SIGINT or SIGTERM interrupts it; \
      no model is written then. With --checkpoint the state is saved before that, and --resume goes on from it to \
      the same bits as a training that was never stopped, also after a kill or a crash. --epochs and --threads may be \
      others then.

      EXAMPLES
        mnist train
        mnist train --data mnist --epochs 5 --seed 0 --model lenet5.safetensors
        mnist train --checkpoint run1 --resume --model lenet5.safetensors
        mnist train --quiet --json > log.jsonl
      """)

  @OptionGroup var data: DataOptions

  @Option(help: "How often to go through the images.")
  var epochs = 5

  @Option(help: "Images an update.")
  var batchSize = 32

  @Option(help: "Where the initial kernels and the order of the images come from.")
  var seed: UInt64 = 0

  @Option(help: "Adam's step.")
  var learningRate: Float = 0.001

  @Option(help: "How many images at the end of the training set to validate on; 0 trains on all.")
  var validation = 10_000

  @Option(help: "Train on at most so many images, for a quick try.")
  var limit: Int?

  @Option(help: "What a pixel's byte is divided by.")
  var scale = PixelScale.over255

  @OptionGroup var threads: ThreadOptions

  @OptionGroup var checkpoints: CheckpointOptions

  @Option(
    help: ArgumentHelp("Write the model to this file once it is trained and tested.", valueName: "file"),
    completion: .model)
  var model: String?

  @Flag(help: "Print one JSON object an epoch, and one at the end.")
  var json = false

  @Flag(help: "Print results alone, no progress.")
  var quiet = false

  func validate() throws {
    let counts = 1...Int(Int32.max)
    try require(epochs, in: counts, "--epochs")
    try checkpoints.requireRoom(epochs: epochs)
    try require(batchSize, in: counts, "--batch-size")
    try require(validation, in: 0...Int(Int32.max), "--validation")
    if let limit { try require(limit, in: counts, "--limit") }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate is \(learningRate); it must be a positive number")
    }
    try requireName(model, "--model")
  }

  func run() throws {
    if let model { try AtomicFile.requireWritable(model) }
    let folder = try checkpoints.open()
    let location = try data.locationOrDownload(quiet: quiet)
    let dataset = try MNISTDataset(at: location, scale: scale)
    say(location.announcement(for: dataset.name))
    let (training, validating) = try split(dataset.train)

    let network = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: seed)
    let options = try threads.computeOptions()
    try network.compile(optimizer: .adam(learningRate: learningRate), options: options)
    let keeper = try folder.map { folder in
      try CheckpointKeeper(
        folder, options: checkpoints, model: network,
        settings: settings(dataset, training: training, validation: validating, options: options),
        pixelDivisor: scale.rawValue, classNames: dataset.train.classNames)
    }
    if checkpoints.resume { try keeper?.resume(epochs: epochs, say: say, warn: warn) }

    let run = TrainingRun(
      network, training: training, validation: validating, epochs: epochs, batchSize: batchSize,
      from: keeper?.progress ?? TrainingProgress(), observers: makeObservers(keeper))
    do {
      try fit(run, keeper: keeper)
      let result = try conclude(run, dataset: dataset)
      for observer in run.observers { try observer.finished(result) }
    } catch var divergence as Divergence {
      divergence.checkpoint = keeper?.lastPath
      throw divergence
    }
  }

  /// Trains; with checkpoints, a signal ends the step and not the process.
  private func fit(_ run: TrainingRun, keeper: CheckpointKeeper?) throws {
    let outline = TrainingOutline(
      parameters: run.model.parameterCount, trainImages: run.training.count,
      validationImages: run.validation?.count ?? 0, epochs: epochs, batchSize: batchSize, seed: seed,
      threads: threads.count, done: keeper?.progress ?? TrainingProgress())
    for observer in run.observers { try observer.began(outline) }
    guard keeper != nil else { return try run.run() }
    try Interrupts.patiently { try run.run() }
    Interrupts.endIfPending()
  }

  private func say(_ line: String) {
    if !quiet { StandardStream.error.note(line.printable + "\n") }
  }

  private func warn(_ line: String) { StandardStream.error.note("warning: " + line.printable + "\n") }

  /// Cuts the training set as the options say.
  private func split(_ images: LabelledImages) throws -> (LabelledImages, LabelledImages?) {
    let parts: (training: LabelledImages, validation: LabelledImages)
    do throws(DatasetError) {
      parts = try images.split(validation: validation)
    } catch {
      throw ValidationError("--validation: \(error)")
    }
    let count = min(limit ?? parts.training.count, parts.training.count)
    return (parts.training[0..<count], parts.validation.count > 0 ? parts.validation : nil)
  }

  /// The checkpoint comes last: a killed process rather tells of an epoch twice than never.
  private func makeObservers(_ keeper: CheckpointKeeper?) -> [any TrainingObserver] {
    let results: any TrainingObserver = json ? TrainingRecords(.output) : ResultTable(.output)
    let display: [any TrainingObserver] = quiet ? [] : [ProgressDisplay(Terminal(.error))]
    return display + [results] + (keeper.map { [$0] } ?? [])
  }

  /// Tests the model and writes it; words of success come after that.
  private func conclude(_ run: TrainingRun, dataset: MNISTDataset) throws -> TrainingResult {
    let test = try run.model.evaluate(dataset.test)
    guard test.loss.isFinite else {
      throw Divergence("the test loss is \(test.loss.magnitude)", epoch: epochs)
    }
    let file = try ModelFile(
      run.model, pixelDivisor: scale.rawValue, classNames: dataset.train.classNames,
      notes: notes(run, dataset: dataset))
    if let model { try file.write(to: model) }
    let seconds = run.records.map(\.trainingSeconds).reduce(0, +)
    return TrainingResult(
      dataset: dataset.name, seed: seed, trainImages: run.training.count, test: test,
      parameters: run.model.parameterCount, digest: file.digest, modelPath: model,
      seconds: run.records.map(\.seconds).reduce(0, +),
      imagesPerSecond: Double(run.records.map(\.training.images).reduce(0, +)) / seconds)
  }

  /// What made the model; nothing that differs from run to run, so that equal trainings give equal files.
  private func notes(_ run: TrainingRun, dataset: MNISTDataset) -> [String: String] {
    [
      "dataset": dataset.name, "seed": "\(seed)", "epochs": "\(epochs)", "batch_size": "\(batchSize)",
      "learning_rate": "\(learningRate)", "train_images": "\(run.training.count)",
      "validation_images": "\(run.validation?.count ?? 0)",
    ]
  }
}
