import ConvNet
import Glibc
import Im2col
import Synchronization
import Testing

@Suite("Concurrent use", .timeLimit(.minutes(2)))
struct ConcurrentUseTests {
  @Test("a hundred tasks call one predictor and get the bits of predict")
  func predictor() async throws {
    for layers in [LeNet5.layers(), ResNet.layers20(classes: 10)] {
      let model = try Model(inputShape: [28, 28, 1], layers: layers, seed: 5)
      model.options = ComputeOptions(workers: try Workers(2))
      let batches = try (0..<10).map { try RandomImages.tensor([1 + $0 % 3, 28, 28, 1], seed: UInt64($0)) }
      let expected = try batches.map { try model.predict($0) }
      let predictor = try model.predictor()
      // The predictor keeps the parameters of this moment.
      try model.setParameters([Float](repeating: 0, count: model.parameterCount))
      let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
        for task in 0..<100 {
          group.addTask { try predictor.predict(batches[task % 10]) != expected[task % 10] }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(wrong == 0)
    }
  }

  @Test("another thread cannot use a model that is training; callbacks of the same thread can")
  func inUse() async throws {
    let model = try Model(inputShape: [3], layers: [.dense(units: 2, activation: .softmax)], seed: 1)
    try model.compile(options: ComputeOptions(workers: Workers(1)))
    let images = try RandomImages.tensor([8, 3], seed: 2)
    let targets = try RandomImages.labels(8, classes: 2, seed: 3)
    let (inside, done) = (Flag(), Flag())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { inside.set() }
        try model.fit(
          images, targets, batchSize: 8,
          callbacks: FitCallbacks(onBatch: { _ in
            // On the thread of `fit`, a prediction is allowed.
            #expect(throws: Never.self) { try model.predict(images) }
            inside.set()
            while !done.isSet { yieldThread() }
            return .continue
          }))
      }
      group.addTask {
        defer { done.set() }
        while !inside.isSet { yieldThread() }
        #expect(throws: EngineError.inUse) { try model.predict(images) }
        #expect(throws: EngineError.inUse) { try model.trainOnBatch(images, targets) }
        #expect(throws: EngineError.inUse) { try model.setParameters(model.parameters) }
        #expect(throws: EngineError.inUse) { try model.copy() }
        #expect("\(EngineError.inUse)".contains("predictor()"))
      }
      try await group.waitForAll()
    }
    #expect(throws: Never.self) { try model.predict(images) }
  }

  @Test("a copy is trained apart, and continues with the same bits")
  func copy() throws {
    let model = try Model(
      inputShape: [6, 5, 2], layers: UnfusedLayerTests.models["activations"] ?? [], seed: 4)
    try model.compile(optimizer: .adam(), options: ComputeOptions(workers: Workers(2)))
    let images = try RandomImages.tensor([9, 6, 5, 2], seed: 5)
    let targets = try RandomImages.labels(9, classes: 3, seed: 6)
    try model.trainOnBatch(images, targets)
    let copy = try model.copy()
    #expect(copy.parameters == model.parameters && copy.optimizerState == model.optimizerState)
    try model.trainOnBatch(images, targets)
    #expect(copy.parameters != model.parameters)
    try copy.trainOnBatch(images, targets)
    #expect(copy.parameters == model.parameters && copy.optimizer == model.optimizer)
  }

  @MainActor @Test("fit does not block its actor, gives the same bits, and can be cancelled")
  func asynchronous() async throws {
    func model() throws -> Model {
      let model = try Model(inputShape: [3], layers: [.dense(units: 2, activation: .softmax)], seed: 1)
      try model.compile(options: ComputeOptions(workers: Workers(1)))
      return model
    }
    let data = try TensorData(
      RandomImages.tensor([40, 3], seed: 2), RandomImages.labels(40, classes: 2, seed: 3))
    let (one, other) = (try model(), try model())
    try fitNow(one, data)
    let task = Task { try await other.fit(data, batchSize: 7, epochs: 3) }
    let history = try await task.value
    #expect(history.epochs.count == 3 && one.parameters == other.parameters)

    let endless = try model()
    let started = Flag()
    var ticks = 0
    let training = Task {
      try await endless.fit(
        data, batchSize: 7, epochs: 1_000_000,
        onBatch: { _ in
          started.set()
          return .continue
        })
    }
    // This actor runs while the model trains.
    while !started.isSet {
      ticks += 1
      await Task.yield()
    }
    training.cancel()
    let ended = try await training.value
    #expect(ended.end == .cancelled)
    #expect(ticks > 0)
  }
}

private func yieldThread() { sched_yield() }

/// The synchronous form, which an asynchronous function cannot call by overload.
private func fitNow(_ model: Model, _ data: TensorData) throws {
  try model.fit(data, batchSize: 7, epochs: 3, callbacks: FitCallbacks())
}

private final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}
