import ArgumentParser
import ConvNet
import ConvNetFiles
import Im2col
import MNISTData

/// `mnist train`: data -> fit -> test -> model file -> results.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network, by default LeNet-5, and test it.",
    discussion: """
      By default, trains on the first 50,000 training images, validates on the other 10,000 after every epoch, and \
      tests on the 10,000 test images. The same seed and options give the same model, bit for bit, with any number \
      of threads.

      Exits with status 3 if training diverges, and with 128 + n if signal n interrupts it (SIGHUP, SIGINT, SIGTERM, \
      SIGUSR1, SIGUSR2 or SIGXCPU); then no model is written. With --checkpoint, an interrupted run saves its state before it exits, and --resume \
      continues from the newest checkpoint, even after a kill or a crash; the result has the same bits as that of an \
      uninterrupted run. A resumed run may use a different value of --threads, and of --epochs unless the schedule \
      depends on it.

      EXAMPLES
        mnist train --model lenet5.safetensors --report report.html --playground playground.html
        mnist train --data mnist --epochs 3 --model lenet5.safetensors
        mnist train --dataset fashion --model fashion.safetensors
        mnist train --checkpoint run1 --resume --model lenet5.safetensors
        mnist train --recipe accurate --log log.csv
        mnist train --epochs 50 --patience 5 --shift 2
        mnist train --network resnet20 --epochs 3
        mnist train --from lenet5.safetensors --dataset fashion
        mnist train --quiet --json > results.jsonl

      RECIPES
      \(NamedRecipe.help)
      """)

  /// The title of the most important options in the help.
  static let mainTitle = "Main Options"

  // The help has the sections in this order, the untitled options last.

  @OptionGroup(title: mainTitle) var data: DataOptions

  @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

  @OptionGroup var options: RecipeOptions

  @OptionGroup(title: mainTitle) var outputs: OutputOptions

  @Option(
    help: ArgumentHelp(
      "The seed of the initialization, the order of the images and all other randomness.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Begin with the parameters of a model file, for the layers that have the same names and shapes.",
      valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var from: String?

  @Option(help: ArgumentHelp("Train on at most <n> images, for a quick test run.", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("The divisor of the pixel bytes.", valueName: "divisor"))
  var scale = PixelScale.over255

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object per epoch and one at the end.")
  var json = false

  @Flag(help: "Print results only, no progress.")
  var quiet = false

  /// The settings given by the options.
  var recipe: Recipe { options.recipe }

  func validate() throws {
    try checkpoints.requireEpochLimit(epochs: recipe.epochs)
    try outputs.requireApart(from: checkpoints.folder)
    if let limit { try require(limit, in: 1...Int(Int32.max), "--limit") }
  }

  func run() throws {
    try outputs.requireWritable()
    let folder = try checkpoints.open()
    let location = try data.locationOrDownload(quiet: quiet)
    let dataset = try MNISTDataset(at: location, scale: scale)
    try data.requireDataset(dataset.name)
    data.printSource(location, dataset.name, quiet: quiet)
    if let line = options.announcement { printMessage(line) }
    let (training, validation) = try split(dataset.train)

    let network = try Model(inputShape: LeNet5.inputShape, layers: recipe.layers, seed: seed)
    let start = try from.map { try ModelFile(contentsOf: $0) }
    if let start {
      let match = try network.setMatchingParameters(start.parameters)
      guard !match.matched.isEmpty else { throw NothingToBeginWith(path: from ?? "", match: match) }
      printMessage("begins with \(match)")
    }
    let updates = (training.count - 1) / recipe.batchSize + 1
    let computing = try threads.computeOptions()
    try network.compile(optimizer: recipe.optimizer(updatesPerEpoch: updates), options: computing)
    let checkpointer = try folder.map { folder in
      try Checkpointer(
        folder, options: checkpoints, model: network,
        settings: settings(
          dataset, training: training, validation: validation, options: computing, start: start),
        pixelDivisor: scale.rawValue, classNames: dataset.train.classNames)
    }
    if checkpoints.resume {
      try checkpointer?.resume(
        epochs: recipe.epochs, printMessage: printMessage, printWarning: printWarning)
    }
    let stopper = recipe.earlyStopping.map { checkpointer?.stopper($0) ?? EarlyStopper($0, of: network) }

    let run = TrainingRun(
      network, training: try ShiftedImages(training, upTo: recipe.shift, seed: seed), validation: validation,
      epochs: recipe.epochs, batchSize: recipe.batchSize, from: checkpointer?.progress ?? TrainingProgress(),
      stopper: stopper,
      observers: makeObservers(checkpointer, network, updatesPerEpoch: updates))
    do {
      try fit(run, dataset, checkpointer: checkpointer)
      if let line = run.stoppingNote { printMessage(line) }
      try finish(run, try test(run, dataset: dataset), dataset)
    } catch var divergence as Divergence {
      divergence.checkpoint = checkpointer?.lastPath
      throw divergence
    }
  }

  /// Trains; with checkpoints, a signal ends the run after the current update.
  private func fit(_ run: TrainingRun, _ dataset: MNISTDataset, checkpointer: Checkpointer?) throws {
    let outline = TrainingOutline(
      network: recipe.network.title, dataset: dataset.name, parameters: run.model.parameterCount,
      trainImages: run.training.count,
      validationImages: run.validation?.count ?? 0, epochs: recipe.epochs, batchSize: recipe.batchSize,
      seed: seed, threads: threads.count, done: checkpointer?.progress ?? TrainingProgress())
    for observer in run.observers { try observer.began(outline) }
    guard checkpointer != nil else { return try run.run() }
    try Interrupts.deferringExit { try run.run() }
    Interrupts.endIfPending()
  }

  private func printMessage(_ line: String) {
    if !quiet { StandardStream.error.message(line) }
  }

  private func printWarning(_ line: String) { StandardStream.error.message("warning: " + line) }

  /// Prints the results, and then writes the files: neither is lost if the other one fails. With `--json`, the
  /// results name the files, and follow them.
  ///
  /// - Throws: the first error; the others are printed.
  private func finish(_ run: TrainingRun, _ result: TrainingResult, _ dataset: MNISTDataset) throws {
    var failures: [any Error] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { failures.append(error) }
    }
    for observer in run.observers { attempt { try observer.tested(result) } }
    let files = FinalFiles(
      result, model: outputs.model,
      pages: outputs.pages(test: dataset.test))
    for observer in run.observers { attempt { try observer.finished(result, files) } }
    // A lost file matters more than results that could not be printed.
    failures = files.failures + failures
    for failure in failures.dropFirst() where !(failure is StreamError) { printWarning("\(failure)") }
    if let first = failures.first { throw first }
    printAdvice(on: result, model: files.modelPath)
  }

  /// Warns about a useless model, or suggests how to use it.
  private func printAdvice(on result: TrainingResult, model: String?) {
    let (test, rate) = (result.evaluation, recipe.learningRate)
    if let line = ChanceLevel.warning(test.confusion, accuracy: test.score.accuracy, learningRate: rate) {
      printWarning(line)
    } else if let model {
      printMessage(
        "try: " + NextCommand.afterTraining(dataset: result.dataset, model: model, data: data.folder))
    }
  }

  /// Splits the training set into training and validation images.
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

  /// The checkpoint is last: after a crash an epoch may be reported twice but is never lost.
  private func makeObservers(
    _ checkpointer: Checkpointer?, _ network: Sequential, updatesPerEpoch: Int
  ) -> [any TrainingObserver] {
    let results: any TrainingObserver = json ? TrainingRecords(.output) : ResultTable(.output)
    let display: [any TrainingObserver] = quiet ? [] : [ProgressDisplay(Terminal(.error))]
    let log = outputs.log.observer(seed: seed) {
      network.optimizer?.learningRate(at: $0 * updatesPerEpoch) ?? 0
    }
    return display + [results] + (log.map { [$0] } ?? []) + (checkpointer.map { [$0] } ?? [])
  }

  /// Tests the model.
  private func test(_ run: TrainingRun, dataset: MNISTDataset) throws -> TrainingResult {
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
    let seconds = run.records.map(\.trainingSeconds).reduce(0, +)
    return TrainingResult(
      dataset: dataset.name, seed: seed, trainImages: run.training.count,
      evaluation: evaluation, classNames: dataset.test.classNames,
      parameters: run.model.parameterCount, file: file, bestEpoch: run.bestEpoch,
      seconds: run.records.map(\.seconds).reduce(0, +),
      imagesPerSecond: Double(run.records.map(\.training.images).reduce(0, +)) / seconds)
  }

  /// The origin of the model, without anything that differs from run to run: identical runs write identical
  /// files.
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
