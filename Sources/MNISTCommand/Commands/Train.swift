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
      the same bits as a training that was never stopped, also after a kill or a crash. --threads may be another \
      then, and --epochs unless the schedule ends with them.

      EXAMPLES
        mnist train
        mnist train --data mnist --epochs 5 --seed 0 --model lenet5.safetensors
        mnist train --checkpoint run1 --resume --model lenet5.safetensors
        mnist train --recipe accurate --log log.csv --model accurate.safetensors
        mnist train --epochs 50 --patience 5 --shift 2 --model lenet5.safetensors
        mnist train --quiet --json > log.jsonl

      RECIPES
      \(NamedRecipe.help)
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var options: RecipeOptions

  @Option(help: "Where the initial kernels and the order of the images come from.")
  var seed: UInt64 = 0

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

  @Option(
    help: ArgumentHelp(
      "Write a page with curves, confusions, mistakes and feature maps to this file.", valueName: "html-file"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @OptionGroup var log: LogOptions

  @Flag(help: "Print one JSON object an epoch, and one at the end.")
  var json = false

  @Flag(help: "Print results alone, no progress.")
  var quiet = false

  /// What the options come to.
  var recipe: Recipe { options.chosen }

  func validate() throws {
    try checkpoints.requireRoom(epochs: recipe.epochs)
    if let limit { try require(limit, in: 1...Int(Int32.max), "--limit") }
    try requireName(model, "--model")
    if let model, model == log.path {
      throw ValidationError("--model and --log name the same file, \(model)")
    }
    try requireName(report, "--report")
    try requireDifferent(report, model, "The report would replace the model")
    try requireDifferent(report, log.path, "The report would replace the log")
  }

  func run() throws {
    for path in [model, report].compactMap({ $0 }) { try AtomicFile.requireWritable(path) }
    let folder = try checkpoints.open()
    let location = try data.locationOrDownload(quiet: quiet)
    let dataset = try MNISTDataset(at: location, scale: scale)
    say(location.announcement(for: dataset.name))
    if let line = options.announcement { say(line) }
    let (training, validating) = try split(dataset.train)

    let network = try Sequential(inputShape: LeNet5.inputShape, layers: recipe.layers, seed: seed)
    let updates = (training.count - 1) / recipe.batchSize + 1
    let computing = try threads.computeOptions()
    try network.compile(optimizer: recipe.optimizer(updatesPerEpoch: updates), options: computing)
    let keeper = try folder.map { folder in
      try CheckpointKeeper(
        folder, options: checkpoints, model: network,
        settings: settings(dataset, training: training, validation: validating, options: computing),
        pixelDivisor: scale.rawValue, classNames: dataset.train.classNames)
    }
    if checkpoints.resume { try keeper?.resume(epochs: recipe.epochs, say: say, warn: warn) }
    let stopper = recipe.earlyStopping.map { keeper?.stopper($0) ?? EarlyStopper($0, of: network) }

    let run = TrainingRun(
      network, training: try ShiftedImages(training, upTo: recipe.shift, seed: seed), validation: validating,
      epochs: recipe.epochs, batchSize: recipe.batchSize, from: keeper?.progress ?? TrainingProgress(),
      stopper: stopper,
      observers: makeObservers(keeper, network, updatesPerEpoch: updates, test: dataset.test))
    do {
      try fit(run, keeper: keeper)
      if let line = run.choice { say(line) }
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
      validationImages: run.validation?.count ?? 0, epochs: recipe.epochs, batchSize: recipe.batchSize,
      seed: seed, threads: threads.count, done: keeper?.progress ?? TrainingProgress())
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
  private func split(_ images: LabeledImages) throws -> (LabeledImages, LabeledImages?) {
    let parts: (training: LabeledImages, validation: LabeledImages)
    do throws(DatasetError) {
      parts = try images.split(validation: recipe.validation)
    } catch {
      throw ValidationError("--validation: \(error)")
    }
    let count = min(limit ?? parts.training.count, parts.training.count)
    return (parts.training[0..<count], parts.validation.count > 0 ? parts.validation : nil)
  }

  /// The checkpoint comes behind whoever tells of an epoch: a killed process rather tells of one twice than
  /// never. The page is written before there are words of success; the log's complaint comes behind the results.
  private func makeObservers(
    _ keeper: CheckpointKeeper?, _ network: Sequential, updatesPerEpoch: Int, test: LabeledImages
  ) -> [any TrainingObserver] {
    let results: any TrainingObserver = json ? TrainingRecords(.output) : ResultTable(.output)
    let display: [any TrainingObserver] = quiet ? [] : [ProgressDisplay(Terminal(.error))]
    let log = log.observer(seed: seed) { network.optimizer?.learningRate(at: $0 * updatesPerEpoch) ?? 0 }
    let page = report.map { ReportWriter(path: $0, test: test) }
    return display + (page.map { [$0] } ?? []) + [results] + (log.map { [$0] } ?? [])
      + (keeper.map { [$0] } ?? [])
  }

  /// Tests the model and writes it; words of success come after that.
  private func conclude(_ run: TrainingRun, dataset: MNISTDataset) throws -> TrainingResult {
    for observer in run.observers { try observer.began(test: dataset.test.count) }
    let evaluation = try run.model.evaluateEach(dataset.test)
    for observer in run.observers { try observer.finishedTest() }
    let loss = evaluation.score.loss
    guard loss.isFinite else {
      throw Divergence("the test loss is \(loss.magnitude)", epoch: run.records.count)
    }
    let file = try ModelFile(
      run.model, pixelDivisor: scale.rawValue, classNames: dataset.train.classNames,
      notes: notes(run, dataset: dataset),
      history: run.records.map { EpochScores(training: $0.training, validation: $0.validation) })
    if let model { try file.write(to: model) }
    let seconds = run.records.map(\.trainingSeconds).reduce(0, +)
    return TrainingResult(
      dataset: dataset.name, seed: seed, trainImages: run.training.count,
      evaluation: evaluation, classNames: dataset.test.classNames,
      parameters: run.model.parameterCount, file: file, bestEpoch: run.bestEpoch, modelPath: model,
      reportPath: report,
      seconds: run.records.map(\.seconds).reduce(0, +),
      imagesPerSecond: Double(run.records.map(\.training.images).reduce(0, +)) / seconds)
  }

  /// What made the model; nothing that differs from run to run, so that equal trainings give equal files.
  private func notes(_ run: TrainingRun, dataset: MNISTDataset) -> [String: String] {
    var notes = recipe.notes
    notes["dataset"] = dataset.name
    notes["seed"] = "\(seed)"
    notes["train_images"] = "\(run.training.count)"
    notes["validation_images"] = "\(run.validation?.count ?? 0)"
    if let best = run.bestEpoch { notes["best_epoch"] = "\(best)" }
    return notes
  }
}
