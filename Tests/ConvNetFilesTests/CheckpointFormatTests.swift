import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

/// Checkpoints of commit 1ea83b6 have the same values as then, and runs resume from them.
@Suite struct CheckpointFormatTests {
  private static let names = FormatSamples.runs.map(\.name)

  private static let file = "step-00000008.safetensors"

  private func training(_ name: String) throws -> FormatSamples.Training {
    try #require(FormatSamples.runs.first { $0.name == name })
  }

  private func path(_ name: String) -> String { FormatFixtures.path("checkpoints/\(name)/\(Self.file)") }

  /// The checkpoint, found in a folder of checkpoints.
  private func checkpoint(_ name: String) throws -> Checkpoint {
    let temporary = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: path(name), toPath: temporary.file(Self.file))
    let search = try CheckpointFolder(temporary.path).newest()
    #expect(search.skipped.isEmpty)
    return try #require(search.found).checkpoint
  }

  @Test(arguments: names) func everySettingIsRead(name: String) throws {
    let (training, found) = (try training(name), try checkpoint(name))
    #expect(found.seed == FormatSamples.seed && found.step == 8)
    #expect(found.optimizer == training.optimizer)
    #expect(found.settings == training.settings)
    #expect(found.fingerprint == FormatSamples.fingerprint)
    #expect(found.model.graph == FormatSamples.graph)
    #expect(found.model.pixelDivisor == FormatSamples.pixelDivisor)
    #expect(found.model.classNames == FormatSamples.classNames)
    let parameters = try FormatFixtures.answer("\(name).start").scalars
    #expect(found.model.parameters.flatMap(\.tensor.scalars) == parameters)
    #expect(found.optimizerState.updates == 8 && found.optimizerState.firstMoment.count == 360)
    #expect(found.optimizerState.firstMoment != found.optimizerState.secondMoment)
    #expect(found.optimizerState.secondMoment.count == (name == "adam" ? 360 : 0))
    #expect(found.bestParameters?.count == (training.stopping == nil ? nil : 360))
    #expect(found.bestParameters != parameters)
  }

  @Test(arguments: names) func theProgressIsRead(name: String) throws {
    let (training, progress) = (try training(name), try checkpoint(name).progress)
    #expect(progress.epoch == 2 && progress.batch == 2 && progress.seconds == 0.0625)
    #expect(progress.running.images == 8 && progress.running.correct == (name == "adam" ? 1 : 2))
    #expect(progress.completed.map(\.updates) == [3, 6])
    #expect(progress.completed.map(\.training.images) == [10, 10])
    #expect(progress.completed.map(\.trainingSeconds) == [0.125, 0.125])
    #expect(progress.completed.map(\.seconds) == [0.25, 0.25])
    let losses = try FormatFixtures.answer("\(name).losses").scalars
    #expect(progress.completed.map { Float($0.training.loss) } == [losses[0], losses[2]])
    #expect(progress.completed.map { $0.validation?.images } == (training.validates ? [5, 5] : [nil, nil]))
    if training.validates {
      #expect(progress.completed.map { Float($0.validation?.loss ?? 0) } == [losses[1], losses[3]])
    }
  }

  @Test(arguments: names) func rewritingGivesTheSameBytes(name: String) throws {
    let temporary = try TemporaryFolder()
    let again = try CheckpointFolder(temporary.path).save(checkpoint(name), keep: 1)
    #expect(again == temporary.file(Self.file))
    #expect(try contents(again) == contents(path(name)))
  }

  @Test(arguments: names) func itIsAlsoAModelFile(name: String) throws {
    #expect(try ModelFile(contentsOf: path(name)) == checkpoint(name).model)
  }

  /// A resumed run ends with the parameters and losses of the uninterrupted one.
  @Test(arguments: names) func aTrainingResumes(name: String) throws {
    let (training, checkpoint) = (try training(name), try checkpoint(name))
    let model = try FormatSamples.model(training.optimizer)
    try checkpoint.restore(to: model)
    let history = try model.fit(
      FormatFixtures.answer("training.images"), FormatFixtures.answer("training.targets"),
      batchSize: FormatSamples.batchSize, epochs: FormatSamples.epochs,
      initialEpoch: checkpoint.progress.epoch, initialBatch: checkpoint.progress.batch,
      initialScore: checkpoint.progress.running,
      validationData: training.validates
        ? (
          images: FormatFixtures.answer("validation.images"),
          targets: FormatFixtures.answer("validation.targets")
        ) : nil)
    let expected = try FormatFixtures.answer("\(name).parameters").scalars
    let distance = FormatFixtures.distance(model.parameters, expected)
    #expect(distance <= 10 * FormatFixtures.tolerance, "\(distance)")
    let last = try #require(history.epochs.last)
    let losses = [Float(last.training.loss), Float(last.validation?.loss ?? 0)]
    let lossDistance = FormatFixtures.distance(
      losses, Array(try FormatFixtures.answer("\(name).losses").scalars.suffix(2)))
    #expect(lossDistance <= 10 * FormatFixtures.tolerance, "\(lossDistance)")
  }
}
