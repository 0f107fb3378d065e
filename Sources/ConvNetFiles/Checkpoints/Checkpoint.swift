import ConvNet
import Im2col

/// The complete state of a training run: with it and the same data, a killed run resumes and ends with the
/// same bits as an uninterrupted one.
///
///     parameters        model: layers, parameters, pixel scale, class names
///     optimizer state   optimizerState: updates, Adam's m and v
///     progress          progress: completed epochs, batches of the next one, their score; bestParameters
///     fixed settings    seed, optimizer, settings
///     environment       model.versions, fingerprint
///
/// There is no random state: shuffles, dropout and shifts are functions of the seed and the indices of epoch
/// and image.
///
///     let folder = try CheckpointFolder("checkpoints")
///     if let found = try folder.newest().found { try found.checkpoint.restore(to: model) }
///     ... after some batches ...
///     let now = try Checkpoint(model, progress: progress, settings: settings, fingerprint: fingerprint)
///     try folder.save(now, keep: 3)
public struct Checkpoint: Sendable, Equatable {
  /// The current model; a checkpoint file can also be read as a ``ModelFile``.
  public let model: ModelFile
  /// The model's seed.
  public let seed: UInt64
  /// The model's optimizer.
  public let optimizer: Optimizer
  /// The optimizer's state.
  public let optimizerState: OptimizerState
  /// The completed epochs and the completed part of the next one.
  public let progress: TrainingProgress
  /// The settings that determine the bits.
  public let settings: TrainingSettings
  /// The arithmetic of the process that wrote the checkpoint.
  public let fingerprint: ArithmeticFingerprint
  /// The parameters after early stopping's best epoch, in the model's order, if an `EarlyStopper` keeps them;
  /// otherwise nil.
  public let bestParameters: [Float]?

  /// The number of updates, by which a folder orders its checkpoints.
  public var step: Int { optimizerState.updates }

  /// Captures a training run between two batches.
  ///
  /// - Parameters:
  ///   - model: a compiled model.
  ///   - pixelDivisor: the divisor of its images' bytes.
  ///   - classNames: one per output; default `0`, `1`, ...
  ///   - progress: the progress of the training run.
  ///   - settings: the settings that must be equal when training resumes.
  ///   - fingerprint: the fingerprint of this process, which takes a few milliseconds to compute.
  ///   - bestParameters: the parameters of early stopping's best epoch, if it keeps them.
  /// - Throws: `CheckpointError.model` when a parameter is not finite, `.notFinite` when the optimizer's
  ///   state or `bestParameters` are not finite, `.malformed` when `progress` is impossible, `.engine` when
  ///   the model is not compiled.
  /// - Complexity: O(number of parameters).
  public init(
    _ model: Sequential, pixelDivisor: Int = 255, classNames: [String]? = nil, progress: TrainingProgress,
    settings: TrainingSettings, fingerprint: ArithmeticFingerprint, bestParameters: [Float]? = nil
  ) throws(CheckpointError) {
    guard let optimizer = model.optimizer, let state = model.optimizerState else {
      throw .engine(
        .shape(.unsupported("a checkpoint needs a compiled model; call compile first")))
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

  /// Combines the parts. All checks are here, for models and for files.
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
      try optimizer.validate(optimizerState, parameters: model.trainableCount)
    } catch {
      throw .engine(error)
    }
    if let bestParameters, bestParameters.count != count {
      throw .engine(
        .shape(.mismatch("the best parameters", expected: [count], actual: [bestParameters.count])))
    }
    for (name, numbers) in [
      ("the optimizer's first moment", optimizerState.firstMoment),
      ("the optimizer's second moment", optimizerState.secondMoment),
      ("the best parameters", bestParameters ?? []),
    ] {
      if let index = numbers.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(name, index: index, value: numbers[index])
      }
    }
    try progress.requireValid()
  }

  /// Sets a model's parameters and optimizer state. On an error, the model is unchanged.
  ///
  /// - Parameter model: a compiled model with the same input shape, layers, seed and optimizer.
  /// - Throws: `CheckpointError.otherModel` with both values of the property that differs.
  public func restore(to model: Sequential) throws(CheckpointError) {
    func require<T: Equatable>(_ what: String, _ saved: T, _ current: T?) throws(CheckpointError) {
      guard let current, current == saved else {
        throw .otherModel(what, saved: "\(saved)", current: current.map { "\($0)" } ?? "none")
      }
    }
    try require("the input shape", self.model.graph.inputShape, model.inputShape)
    try require("the layers", self.model.graph, model.graph)
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
