import ConvNet
import Im2col

/// Everything that decides how a training goes on: with it, and with the same data, a training that was
/// killed ends with the same bits as one that was never stopped.
///
///     what it has learned    model: layers, parameters, pixel scale, class names
///     what it remembers      optimizerState: updates, Adam's m and v
///     where it stands        progress: finished epochs, batches of the next one, their score; bestParameters
///     what it must not change   seed, optimizer, settings
///     what it ran on         model.versions, fingerprint
///
/// There is no random state: shuffles and the like are functions of the seed and of the numbers of epoch
/// and image.
///
///     let folder = try CheckpointFolder("checkpoints")
///     if let found = try folder.newest().found { try found.checkpoint.restore(to: model) }
///     ... after some batches ...
///     let now = try Checkpoint(model, progress: progress, settings: settings, fingerprint: fingerprint)
///     try folder.save(now, keep: 3)
public struct Checkpoint: Sendable, Equatable {
  /// The model as of now; a checkpoint's file can also be read as a `ModelFile`.
  public let model: ModelFile
  /// The model's seed.
  public let seed: UInt64
  /// What the model was compiled with.
  public let optimizer: Optimizer
  /// What the optimizer remembers.
  public let optimizerState: OptimizerState
  /// Finished epochs and the part of the next one.
  public let progress: TrainingProgress
  /// The choices that decide the bits.
  public let settings: TrainingSettings
  /// How the process rounded that wrote the checkpoint.
  public let fingerprint: ArithmeticFingerprint
  /// The parameters after the best epoch, in the model's order, for an `EarlyStopper` that will put them back; nil
  /// where nobody will.
  public let bestParameters: [Float]?

  /// Updates done; what a folder orders its checkpoints by.
  public var step: Int { optimizerState.updates }

  /// Takes a model between two of its batches.
  ///
  /// - Parameters:
  ///   - model: compiled; later changes to it are not seen.
  ///   - pixelDivisor: what its images' bytes are divided by.
  ///   - classNames: one an output; `0`, `1`, ... unless given.
  ///   - progress: where the training stands.
  ///   - settings: what has to be the same when it goes on.
  ///   - fingerprint: that of this process, which takes some milliseconds to compute.
  ///   - bestParameters: those of the best epoch, where early stopping is to put them back.
  /// - Throws: `CheckpointError.model` with `.notFinite` for a parameter and `.notFinite` for the optimizer's
  ///   state where they are not finite, `.malformed` when progress makes no sense, `.engine` when the model
  ///   is not compiled.
  /// - Complexity: O(number of parameters).
  public init(
    _ model: Sequential, pixelDivisor: Int = 255, classNames: [String]? = nil, progress: TrainingProgress,
    settings: TrainingSettings, fingerprint: ArithmeticFingerprint, bestParameters: [Float]? = nil
  ) throws(CheckpointError) {
    guard let optimizer = model.optimizer, let state = model.optimizerState else {
      throw .engine(
        .shape(.unsupported("a model that is not compiled has no checkpoint; call compile first")))
    }
    let file: ModelFile
    do throws(ModelFileError) {
      file = try ModelFile(model, pixelDivisor: pixelDivisor, classNames: classNames)
    } catch {
      throw .model(error)
    }
    try self.init(
      model: file, seed: model.seed, optimizer: optimizer, optimizerState: state, progress: progress,
      settings: settings, fingerprint: fingerprint, bestParameters: bestParameters)
  }

  /// Brings the parts together; everything is checked here, whichever side it came from.
  init(
    model: ModelFile, seed: UInt64, optimizer: Optimizer, optimizerState: OptimizerState,
    progress: TrainingProgress, settings: TrainingSettings, fingerprint: ArithmeticFingerprint,
    bestParameters: [Float]?
  ) throws(CheckpointError) {
    (self.model, self.seed, self.optimizer) = (model, seed, optimizer)
    (self.optimizerState, self.progress) = (optimizerState, progress)
    (self.settings, self.fingerprint, self.bestParameters) = (settings, fingerprint, bestParameters)
    let count = model.parameters.reduce(0) { $0 + $1.tensor.count }
    do throws(EngineError) {
      try optimizer.validate()
      try optimizer.validate(optimizerState, parameters: count)
    } catch {
      throw .engine(error)
    }
    if let bestParameters, bestParameters.count != count {
      throw .engine(
        .shape(.mismatch("the best parameters", expected: [count], actual: [bestParameters.count])))
    }
    for (name, numbers) in [
      ("the optimizer's first array", optimizerState.first),
      ("the optimizer's second array", optimizerState.second), ("the best parameters", bestParameters ?? []),
    ] {
      if let index = numbers.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(name, index: index, value: numbers[index])
      }
    }
    try progress.requireValid()
  }

  /// Gives a model the parameters and the optimizer's state of this moment; nothing is changed on an error.
  ///
  /// - Parameter model: compiled, with the same input shape, layers, seed and optimizer.
  /// - Throws: `CheckpointError.otherModel` with both values of what differs.
  public func restore(to model: Sequential) throws(CheckpointError) {
    func require<T: Equatable>(_ what: String, _ saved: T, _ asked: T?) throws(CheckpointError) {
      guard let asked, asked == saved else {
        throw .otherModel(what, saved: "\(saved)", asked: asked.map { "\($0)" } ?? "none")
      }
    }
    try require("the input shape", self.model.inputShape, model.inputShape)
    try require("the layers", self.model.layers, model.layers)
    try require("the seed", seed, model.seed)
    try require("the optimizer", optimizer, model.optimizer)
    do throws(EngineError) {
      try model.setParameterTensors(self.model.parameters)
      try model.setOptimizerState(optimizerState)
    } catch {
      throw .engine(error)
    }
  }
}

extension TrainingProgress {
  /// Checks what a file may get wrong, so that nothing behind has to.
  fileprivate func requireValid() throws(CheckpointError) {
    let scores = finished.flatMap { [$0.training, $0.validation].compactMap { $0 } } + [running]
    let times = finished.flatMap { [$0.trainingSeconds, $0.seconds] } + [seconds]
    // No set of images has more, and no epoch takes longer; sums of them stay in range.
    let (maxImages, longest) = (Int(Int32.max), 1e9)
    let isSound =
      batch >= 0 && (batch == 0) == (running.images == 0)
      && scores.allSatisfy {
        (0...maxImages).contains($0.images) && (0...$0.images).contains($0.correct) && $0.lossSum.isFinite
      }
      && finished.allSatisfy { $0.training.images > 0 && $0.trainingSeconds > 0 }
      && times.allSatisfy { (0...longest).contains($0) }
    guard isSound else {
      throw .malformed(key: "progress", reason: "holds counts, losses or times that cannot be")
    }
    guard finished.count <= Self.epochLimit else {
      throw .malformed(
        key: "progress", reason: "has \(finished.count) epochs, more than the \(Self.epochLimit) allowed")
    }
  }
}
