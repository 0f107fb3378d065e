import ConvNet
import Im2col
import Testing

@Suite("Reproducible training")
struct TrainingBitsTests {
  /// Returns the parameters of LeNet-5 after some steps on random images.
  private static func trained(
    workers: Workers, steps: Int, batch: Int, prepare: (Sequential) -> Void = { _ in }
  ) throws -> [Float] {
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 7)
    prepare(model)
    try model.compile(options: ComputeOptions(workers: workers))
    let images = try RandomImages.tensor([batch, 28, 28, 1], seed: 3)
    let labels = try RandomImages.labels(batch, classes: 10, seed: 4)
    for _ in 0..<steps { try model.trainOnBatch(images, labels) }
    return model.parameters
  }

  @Test("50 steps with 1, 2 and 3 workers give the same bits")
  func anyNumberOfWorkers() throws {
    let expected = try Self.trained(workers: Workers(1), steps: 50, batch: 37)
    let finite = expected.filter(\.isFinite).count
    #expect(finite == expected.count)
    for count in [2, 3] {
      let parameters = try Self.trained(workers: Workers(count), steps: 50, batch: 37)
      #expect(parameters == expected, "\(count) workers")
    }
  }

  @Test("layer-by-layer steps with 1, 2 and 3 workers give the same bits")
  func anyNumberOfWorkersLayerByLayer() throws {
    func trained(_ count: Int) throws -> [Float] {
      try Self.trained(workers: Workers(count), steps: 4, batch: 19) { $0.forcedSchedule = .layerByLayer }
    }
    let expected = try trained(1)
    for count in [2, 3] {
      let parameters = try trained(count)
      #expect(parameters == expected, "\(count) workers")
    }
  }

  @Test("two concurrent training runs with the same workers give the same bits")
  func concurrentTrainings() async throws {
    let workers = try Workers(2)
    let expected = try Self.trained(workers: workers, steps: 6, batch: 33)
    let results = try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<2 { group.addTask { try Self.trained(workers: workers, steps: 6, batch: 33) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 2)
    for result in results { #expect(result == expected) }
  }

  @Test("the schedules agree up to rounding", arguments: [1, 16, 21])
  func schedulesAgree(batch: Int) throws {
    func gradient(_ schedule: ExecutionSchedule) throws -> (Score, [Float]) {
      let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 11)
      model.forcedSchedule = schedule
      try model.compile(options: ComputeOptions(workers: Workers(2)))
      let result = try model.gradients(
        RandomImages.tensor([batch, 28, 28, 1], seed: 5), RandomImages.labels(batch, classes: 10, seed: 6))
      return (result.score, result.gradients)
    }
    let (microBatch, layerByLayer) = (try gradient(.microBatch), try gradient(.layerByLayer))
    #expect(abs(microBatch.0.loss - layerByLayer.0.loss) < 1e-5)
    #expect(microBatch.0.correct == layerByLayer.0.correct)
    let largest = microBatch.1.map(abs).max() ?? 0
    #expect(largest > 1e-4)
    for (index, pair) in zip(microBatch.1, layerByLayer.1).enumerated()
    where abs(pair.0 - pair.1) > 1e-5 * largest {
      Issue.record("parameter \(index): \(pair.0) by micro-batches, \(pair.1) layer by layer")
      return
    }
  }
}
