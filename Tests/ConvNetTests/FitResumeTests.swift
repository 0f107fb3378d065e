import ConvNet
import Im2col
import Testing

@Suite("Resuming in the middle of an epoch")
struct FitResumeTests {
  /// The last batch has 3 images.
  private static let images = 23
  private static let batchSize = 5
  private static let batches = 5

  private static func model(workers: Int = 2) throws -> Sequential {
    let model = try Sequential(
      inputShape: [7, 5, 2],
      layers: [
        .convolution(filters: 3, kernel: 3, padding: .same, activation: .relu), .maxPooling(window: 2),
        .flatten, .dense(units: 4, activation: .softmax),
      ], seed: 5)
    try model.compile(
      optimizer: .adam(learningRate: 0.01), options: ComputeOptions(workers: Workers(workers)))
    return model
  }

  private static func data() throws -> TensorData {
    try TensorData(
      RandomImages.tensor([images, 7, 5, 2], seed: 8), RandomImages.labels(images, classes: 4, seed: 9))
  }

  /// The state of a training run between two batches.
  private struct Snapshot {
    let parameters: [Float]
    let state: OptimizerState
    let epoch: Int
    let batch: Int
    let running: Score
  }

  @Test("gives the same bits and scores as an uninterrupted run, from every batch of three epochs")
  func everyBatch() throws {
    let data = try Self.data()
    var snapshots: [Snapshot] = []
    let whole = try Self.model()
    let state = try #require(whole.optimizerState)
    snapshots.append(
      Snapshot(parameters: whole.parameters, state: state, epoch: 0, batch: 0, running: Score()))
    let history = try whole.fit(
      data, batchSize: Self.batchSize, epochs: 3, validationData: data,
      callbacks: FitCallbacks(onBatch: { report in
        guard let state = whole.optimizerState else { return .stop }
        snapshots.append(
          Snapshot(
            parameters: whole.parameters, state: state, epoch: report.epoch, batch: report.batch + 1,
            running: report.running))
        return .continue
      }))
    try #require(snapshots.count == 1 + 3 * Self.batches && history.epochs.count == 3)

    for (index, snapshot) in snapshots.enumerated() {
      let resumed = try Self.model(workers: 1 + index % 3)
      try resumed.setParameters(snapshot.parameters)
      try resumed.setOptimizerState(snapshot.state)
      let rest = try resumed.fit(
        data, batchSize: Self.batchSize, epochs: 3, initialEpoch: snapshot.epoch,
        initialBatch: snapshot.batch,
        initialScore: snapshot.running, validationData: data)
      let position = "epoch \(snapshot.epoch), batch \(snapshot.batch)"
      #expect(rest.epochs == Array(history.epochs[snapshot.epoch...]), "\(position)")
      #expect(
        resumed.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern), "parameters, \(position)")
      #expect(resumed.optimizerState == whole.optimizerState, "optimizer, \(position)")
    }
  }

  @Test("with all batches completed, only the validation remains")
  func onlyValidation() throws {
    let (model, data) = (try Self.model(), try Self.data())
    let before = model.parameters
    let score = Score(lossSum: 2.5, correct: 4, images: Self.images)
    var calls = 0
    let history = try model.fit(
      data, batchSize: Self.batchSize, epochs: 1, initialBatch: Self.batches, initialScore: score,
      validationData: data,
      callbacks: FitCallbacks(onBatch: { _ in
        calls += 1
        return .continue
      }))
    #expect(calls == 0 && model.parameters == before)
    #expect(history.epochs.map(\.training) == [score])
    #expect(try history.epochs.map(\.validation) == [model.evaluate(data)])
  }

  @Test(
    "a score that does not match the completed batches is an error",
    arguments: [
      (-1, 0, 0), (6, 0, 23), (2, 0, 9), (2, 0, 11), (5, 0, 25), (2, 11, 10), (2, -1, 10), (0, 0, 1),
    ])
  func invalidScores(batch: Int, correct: Int, seen: Int) throws {
    let (model, data) = (try Self.model(), try Self.data())
    let before = model.parameters
    let error = #expect(throws: EngineError.self) {
      try model.fit(
        data, batchSize: Self.batchSize, epochs: 1, initialBatch: batch,
        initialScore: Score(lossSum: 1, correct: correct, images: seen))
    }
    #expect(try #require(error).description.contains("\(batch)"))
    #expect(model.parameters == before)
  }
}
