import ConvNet
import Im2col
import Testing

@Suite("Sequential")
struct SequentialTests {
  /// Three classes in the plane, separated by lines.
  private static func separable(_ count: Int) throws -> (x: Tensor, y: Tensor) {
    let x = try RandomImages.tensor([count, 2], seed: 101)
    var y = try Tensor(repeating: 0, shape: [count, 3])
    for row in 0..<count {
      let (a, b) = (x.scalars[row * 2], x.scalars[row * 2 + 1])
      y.scalars[row * 3 + (a > 0.2 ? 0 : b > 0 ? 1 : 2)] = 1
    }
    return (x, y)
  }

  private static func small(_ optimizer: Optimizer = .adam(learningRate: 0.02), seed: UInt64 = 1) throws
    -> Sequential
  {
    let model = try Sequential(
      inputShape: [2],
      layers: [
        .dense(units: 16, activation: .tanh, initializer: .glorotUniform),
        .dense(units: 3, activation: .softmax),
      ], seed: seed)
    try model.compile(optimizer: optimizer, options: ComputeOptions(workers: Workers(2)))
    return model
  }

  @Test(
    "learns separable classes",
    arguments: [Optimizer.adam(learningRate: 0.02), .sgd(learningRate: 0.5, momentum: 0.9)])
  func learns(_ optimizer: Optimizer) throws {
    let data = try Self.separable(300)
    let model = try Self.small(optimizer)
    let history = try model.fit(data.x, data.y, batchSize: 32, epochs: 40, validationData: (data.x, data.y))
    #expect(history.end == .completed)
    #expect(history.epochs.map(\.epoch) == Array(0..<40))
    let last = try #require(history.epochs.last)
    #expect(last.training.images == 300, "the last batch of 12 counts")
    let validation = try #require(last.validation)
    #expect(validation.accuracy > 0.96)
    #expect(validation.loss < 0.15)
  }

  @Test("the loss of a partial batch is the mean over its images")
  func partialBatch() throws {
    let data = try Self.separable(20)
    let (whole, part) = (try Self.small(), try Self.small())
    let score = try whole.fit(data.x, data.y, batchSize: 64, shuffle: false).epochs[0].training
    let loss = try part.trainOnBatch(data.x, data.y)
    #expect(score == loss)
    #expect(whole.parameters == part.parameters)
  }

  @Test("resuming at an epoch needs no replay")
  func resumes() throws {
    let data = try Self.separable(50)
    let uninterrupted = try Self.small()
    try uninterrupted.fit(data.x, data.y, batchSize: 16, epochs: 4)
    let first = try Self.small()
    try first.fit(data.x, data.y, batchSize: 16, epochs: 2)
    let second = try Self.small()
    try second.setParameterTensors(first.parameterTensors.reversed())
    try second.setOptimizerState(#require(first.optimizerState))
    try second.fit(data.x, data.y, batchSize: 16, epochs: 4, initialEpoch: 2)
    #expect(second.parameters == uninterrupted.parameters)
    #expect(second.optimizerState == uninterrupted.optimizerState)
    #expect(second.optimizerState?.updates == 16)
  }

  @Test("the order of a shuffled epoch depends on the seed")
  func shuffles() throws {
    let data = try Self.separable(64)
    func fitted(shuffle: Bool, seed: UInt64) throws -> [Float] {
      let model = try Self.small(seed: seed)
      try model.setParameters(Self.small(seed: 9).parameters)
      try model.fit(data.x, data.y, batchSize: 16, epochs: 1, shuffle: shuffle)
      return model.parameters
    }
    #expect(try fitted(shuffle: true, seed: 1) == fitted(shuffle: true, seed: 1))
    #expect(try fitted(shuffle: true, seed: 1) != fitted(shuffle: true, seed: 2))
    #expect(try fitted(shuffle: true, seed: 1) != fitted(shuffle: false, seed: 1))
  }

  @Test("callbacks receive every batch and can stop training")
  func callbacks() throws {
    let data = try Self.separable(50)
    var seen: [BatchReport] = []
    let history = try Self.small().fit(
      data.x, data.y, batchSize: 16, epochs: 9,
      callbacks: FitCallbacks(
        onBatch: {
          seen.append($0)
          return .continue
        }, onEpoch: { $0.epoch == 1 ? .stop : .continue }))
    #expect(history.end == .stopped)
    #expect(history.epochs.count == 2)
    #expect(seen.map(\.batch) == [0, 1, 2, 3, 0, 1, 2, 3])
    #expect(seen.map(\.score.images) == [16, 16, 16, 2, 16, 16, 16, 2])
    #expect(seen[3].running == history.epochs[0].training)
  }

  @Test("a cancelled task ends training after the current batch")
  func cancellation() async throws {
    let task = Task {
      let data = try Self.separable(50)
      var batches = 0
      let history = try Self.small().fit(
        data.x, data.y, batchSize: 1, epochs: 1_000_000,
        callbacks: FitCallbacks(onBatch: { _ in
          batches += 1
          if batches == 3 { withUnsafeCurrentTask { $0?.cancel() } }
          return .continue
        }))
      return (history, batches)
    }
    let (history, batches) = try await task.value
    #expect(history.end == .cancelled)
    #expect(batches == 3)
  }

  @Test("predict into a given tensor equals predict", arguments: [1, 15, 16, 17, 40])
  func predictions(count: Int) throws {
    let model = try Self.small()
    let x = try RandomImages.tensor([count, 2], seed: 102)
    let all = try model.predict(x)
    var owned = try Tensor(repeating: .nan, shape: [count, 3])
    try model.predict(x, into: &owned)
    #expect(owned == all)
    #expect(try model.predict(Tensor(repeating: 0, shape: [0, 2])).shape == [0, 3])
  }

  @Test("mismatched shapes and invalid numbers are errors")
  func refused() throws {
    let model = try Self.small()
    let data = try Self.separable(4)
    #expect(throws: EngineError.shape(.mismatch("the images", expected: [4, 2], actual: [4, 3]))) {
      try model.predict(RandomImages.tensor([4, 3], seed: 1))
    }
    #expect(throws: EngineError.self) { try model.fit(data.x, data.y, batchSize: 0) }
    #expect(throws: EngineError.self) { try model.fit(data.x, data.y, epochs: -1) }
    #expect(throws: EngineError.self) { try model.fit(data.x, RandomImages.labels(4, classes: 2, seed: 1)) }
    #expect(throws: EngineError.self) { try model.fit(data.x, RandomImages.labels(3, classes: 3, seed: 1)) }
    #expect(throws: EngineError.self) { try model.setParameters([1]) }
    #expect(throws: EngineError.self) { try model.setParameterTensors([]) }
    #expect(throws: EngineError.self) {
      try model.setOptimizerState(OptimizerState(updates: -1, firstMoment: [], secondMoment: []))
    }
    let raw = try Sequential(inputShape: [2], layers: [.dense(units: 3)])
    #expect(throws: EngineError.self) { try raw.trainOnBatch(data.x, data.y) }
    let noImages = try Tensor(repeating: 0, shape: [0, 2])
    let noLabels = try Tensor(repeating: 0, shape: [0, 3])
    #expect(throws: EngineError.self) { try model.evaluate(noImages, noLabels) }
    #expect(throws: EngineError.self) { try model.fit(noImages, noLabels) }
    #expect(try model.gradients(noImages, noLabels).gradients.filter { $0 != 0 }.isEmpty)
  }

  @Test("invalid sequences of layers are errors")
  func invalidLayers() throws {
    let invalid: [(input: [Int], layers: [Block])] = [
      ([4, 4, 1], []), ([4, 4, 1], [.flatten]), ([4, 4, 1], [.dense(units: 3)]),
      ([4, 4], [.flatten, .dense(units: 3)]),
      ([4, 4, 1], [.convolution(filters: 2, kernel: 5)]), ([4, 4, 1], [.convolution(filters: 0, kernel: 3)]),
      ([4, 4, 3], [.convolution(filters: 2, kernel: 3, groups: 2)]), ([4, 4, 1], [.maxPooling(window: 5)]),
      ([4, 4, 1], [.maxPooling(window: 2, stride: 0)]), ([4, 0, 1], [.flatten, .dense(units: 1)]),
      ([4], [.dense(units: 0)]), ([4], [.dense(units: 1, name: "a"), .dense(units: 1, name: "a")]),
      ([4], [.dense(units: .max)]), ([.max, .max, 1], [.flatten, .dense(units: 1)]),
      ([4, 4, 1], [.convolution(filters: 2, kernel: 3, groups: 0)]),
    ]
    for (input, layers) in invalid {
      #expect(throws: EngineError.self, "\(input) \(layers)") {
        try Sequential(inputShape: input, layers: layers)
      }
    }
  }

  @Test("large models use the layer-by-layer schedule, small ones the micro-batch schedule")
  func schedules() throws {
    let large = try Sequential(
      inputShape: [64, 64, 3],
      layers: [.convolution(filters: 32, kernel: 3, padding: .same), .flatten, .dense(units: 2)])
    #expect(try large.trainingSchedule == .layerByLayer)
    #expect(try Self.small().trainingSchedule == .microBatch)
  }
}
