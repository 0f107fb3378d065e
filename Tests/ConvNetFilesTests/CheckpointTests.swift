import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

@Suite struct CheckpointTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test(arguments: [
    Optimizer.adam(learningRate: 0.003, beta1: 0.8), .sgd(learningRate: 0.1, momentum: 0.9), .sgd(),
  ])
  func everyBitComesBack(optimizer: Optimizer) throws {
    let folder = try CheckpointFolder(temporary.path)
    let model = try CheckpointSamples.model(optimizer: optimizer, updates: 4)
    let checkpoint = try CheckpointSamples.checkpoint(model)
    try folder.save(checkpoint, keep: 1)
    let found = try #require(try folder.newest().found).checkpoint
    #expect(found == checkpoint)
    #expect(found.seed == .max && found.step == 4 && found.optimizer == optimizer)
    #expect(found.model.versions == .current && found.model.pixelDivisor == 256)

    let copy = try CheckpointSamples.model(optimizer: optimizer)
    #expect(copy.parameters != model.parameters)
    try found.restore(to: copy)
    #expect(copy.parameters.map(\.bitPattern) == model.parameters.map(\.bitPattern))
    #expect(copy.optimizerState == model.optimizerState)
  }

  @Test func aCheckpointIsAlsoAModelFile() throws {
    let folder = try CheckpointFolder(temporary.path)
    let model = try CheckpointSamples.model(updates: 2)
    let path = try folder.save(CheckpointSamples.checkpoint(model), keep: 1)
    #expect(try ModelFile(contentsOf: path) == ModelFile(model, pixelDivisor: 256))
    // A plain model with such a name in it is as strange as ever.
    var tensors = model.parameterTensors.map { ($0.name, $0.tensor) }
    tensors.append(("optimizer.first", try Tensor(repeating: 0, shape: [1])))
    let metadata = try ModelFile(model).safetensors().metadata
    #expect(throws: ModelFileError.unexpected(tensor: "optimizer.first", shape: [1])) {
      try ModelFile(SafetensorsFile(tensors, metadata: metadata))
    }
  }

  @Test func anotherModelIsRefused_untouched() throws {
    let checkpoint = try CheckpointSamples.checkpoint(step: 2)
    for (what, other) in [
      ("the layers", try CheckpointSamples.model(units: 4)),
      ("the seed", try CheckpointSamples.model(seed: 1)),
      ("the optimizer", try CheckpointSamples.model(optimizer: .sgd())),
      ("the optimizer", try Model(checkpoint.model.graph, seed: .max)),
    ] {
      let before = other.parameters
      let error = #expect(throws: CheckpointError.self) { try checkpoint.restore(to: other) }
      #expect(try #require(error).description.hasPrefix("\(what) of the checkpoint is "))
      #expect(other.parameters == before)
    }
  }

  @Test func nonFiniteValuesAreRefused() throws {
    let model = try CheckpointSamples.model(updates: 1)
    var state = try #require(model.optimizerState)
    state.secondMoment[3] = .infinity
    try model.setOptimizerState(state)
    #expect(
      throws: CheckpointError.notFinite("the optimizer's second moment", index: 3, value: .infinity)
    ) { try CheckpointSamples.checkpoint(model) }
    var parameters = model.parameters
    parameters[1] = .nan
    try model.setParameters(parameters)
    let error = #expect(throws: CheckpointError.self) { try CheckpointSamples.checkpoint(model) }
    guard case .model(.notFinite(_, 1, let value)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(value.isNaN)
  }

  @Test func impossibleProgressIsRefused() throws {
    let model = try CheckpointSamples.model()
    let changes: [(inout TrainingProgress) -> Void] = [
      { $0.batch = -1 }, { $0.batch = 0 }, { $0.running.images = 0 }, { $0.running.correct = 11 },
      { $0.running.correct = -1 }, { $0.running.lossSum = .nan }, { $0.seconds = -1 },
      { $0.seconds = .infinity },
      // Finite, but beyond the bounds for clocks, sums and divisions.
      { $0.seconds = 1e300 },
      { $0.completed[0] = CheckpointTests.epoch(seconds: 1e300) },
      { $0.completed[0] = CheckpointTests.epoch(seconds: 0) },
      { $0.completed[0] = CheckpointTests.epoch(images: .max) },
      { $0.completed[0] = CheckpointTests.epoch(images: 0) },
      { $0.completed = .init(repeating: $0.completed[0], count: TrainingProgress.epochLimit + 1) },
    ]
    for (index, change) in changes.enumerated() {
      var progress = CheckpointSamples.progress()
      change(&progress)
      #expect(throws: CheckpointError.self, "change \(index)") {
        try CheckpointSamples.checkpoint(model, progress: progress)
      }
    }
  }

  private static func epoch(images: Int = 13, seconds: Double = 0.125) -> CompletedEpoch {
    CompletedEpoch(
      updates: 3, training: Score(lossSum: 1, correct: 0, images: images), validation: nil,
      trainingSeconds: seconds, seconds: seconds)
  }

  /// Update counts whose successor would trap.
  @Test func impossibleUpdateCountsAreRefused() throws {
    let model = try CheckpointSamples.model()
    for updates in [-1, 1 << 54, .max] {
      var state = model.optimizerState
      state?.updates = updates
      let wrong = try #require(state)
      #expect(throws: EngineError.self, "\(updates)") { try model.setOptimizerState(wrong) }
    }
  }

  /// The largest number of epochs fits the 1 MiB of a safetensors header.
  @Test func theMaximumNumberOfEpochsFits() throws {
    let folder = try CheckpointFolder(temporary.path)
    var progress = CheckpointSamples.progress(batch: 0)
    let score = Score(lossSum: 12_345.678_901_234_567, correct: 59_999, images: 60_000)
    let epoch = CompletedEpoch(
      updates: 99_999_999, training: score, validation: score, trainingSeconds: 12.345_678,
      seconds: 12.345_678)
    progress.completed = .init(repeating: epoch, count: TrainingProgress.epochLimit)
    let checkpoint = try CheckpointSamples.checkpoint(CheckpointSamples.model(), progress: progress)
    try folder.save(checkpoint, keep: 1)
    #expect(try folder.newest().found?.checkpoint == checkpoint)
  }
}
