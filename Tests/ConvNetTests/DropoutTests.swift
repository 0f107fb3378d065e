import CKernels
import ConvNet
import Im2col
import Testing

@Suite("Dropout")
struct DropoutTests {
  /// A dropout layer on the input and one after a dense layer.
  private static let layers: [Block] = [
    .dropout(rate: 0.2), .flatten, .dense(units: 37, activation: .tanh), .dropout(rate: 0.5, name: "half"),
    .dense(units: 5, activation: .softmax),
  ]

  private static func model(
    _ layers: [Block] = layers, schedule: ExecutionSchedule, workers: Int = 2, seed: UInt64 = 3
  )
    throws -> Sequential
  {
    let model = try Sequential(inputShape: [3, 5, 3], layers: layers, seed: seed)
    model.forcedSchedule = schedule
    try model.compile(
      optimizer: .sgd(learningRate: 0.1, momentum: 0.9), options: ComputeOptions(workers: Workers(workers)))
    return model
  }

  private static func batch(_ count: Int) throws -> (Tensor, Tensor) {
    (
      try RandomImages.tensor([count, 3, 5, 3], seed: 21),
      try RandomImages.labels(count, classes: 5, seed: 22)
    )
  }

  /// The mask of `count` scalars, computed word by word: true for those kept.
  private static func mask(_ count: Int, rate: Double, seed: UInt64, layer: Int, update: Int, image: Int)
    -> [Bool]
  {
    let random = CounterRandom(seed: seed, stream: .dropout(layer: layer, update: update))
    return (0..<count).map { element in
      Double(random.block(UInt64(image) << 32 + UInt64(element / 4))[element % 4]) >= rate * 0x1p32
    }
  }

  @Test("the kernel uses the random words of CounterRandom", arguments: [1, 3, 4, 63, 64, 65, 1_003])
  func kernel(count: Int) throws {
    let stream = CounterRandom.Stream.dropout(layer: 9, update: 1 << 33)
    let (seed, image) = (UInt64(0xFEDC_BA98_7654_3210), 0x1234_5678)
    let input = try RandomImages.integers([count], seed: 8).scalars
    var output = [Float](repeating: 99, count: count)
    var gradient = output
    var kept = [UInt8](repeating: 99, count: count)
    ckernels_dropout(
      ckernels_random_key(seed: seed, stream: stream.rawValue, first_block: UInt64(image) << 32),
      UInt32(0.375 * 0x1p32), 1.6, Int64(count), input, &output, &kept)
    ckernels_dropout_gradient(1.6, Int64(count), kept, input, &gradient)
    let mask = Self.mask(count, rate: 0.375, seed: seed, layer: 9, update: 1 << 33, image: image)
    #expect(kept == mask.map { $0 ? 1 : 0 })
    #expect(output == zip(input, mask).map { $1 ? $0 * 1.6 : 0 })
    #expect(gradient == output)
  }

  @Test("dropped NaNs and infinities become 0")
  func nonFinite() {
    var output: [Float] = [1, 1, 1, 1]
    var kept: [UInt8] = [0, 0, 0, 0]
    ckernels_dropout(
      ckernels_random_key(seed: 0, stream: 0, first_block: 0), .max, 2, 4, [.nan, .infinity, -.infinity, -1],
      &output, &kept)
    #expect(kept == [0, 0, 0, 0] && output == [0, 0, 0, 0])
  }

  @Test("the fraction kept, and different masks for every seed, update, layer and image")
  func fractions() {
    let count = 40_000
    var seen: Set<[Bool]> = []
    for (seed, layer, update, image) in [
      (0, 0, 1, 0), (1, 0, 1, 0), (0, 1, 1, 0), (0, 0, 2, 0), (0, 0, 1, 1), (0, 4_095, 1, 0),
      (0, 0, 1, 1 << 31),
    ] {
      let mask = Self.mask(
        count, rate: 0.3, seed: UInt64(seed), layer: layer, update: update, image: image)
      let fraction = Double(mask.filter { $0 }.count) / Double(count)
      #expect(
        abs(fraction - 0.7) < 5 * (0.21 / Double(count)).squareRoot(), "\(seed) \(layer) \(update) \(image)")
      seen.insert(mask)
    }
    #expect(seen.count == 7)
  }

  @Test("prediction and evaluation drop nothing", arguments: ExecutionSchedule.allCases)
  func inactiveInInference(schedule: ExecutionSchedule) throws {
    let (images, labels) = try Self.batch(19)
    let model = try Self.model(schedule: schedule)
    let plain = try Self.model(
      Self.layers.filter {
        if case .layer(let layer, _) = $0 { !(layer.layer is DropoutLayer) } else { true }
      }, schedule: schedule)
    try plain.setParameters(model.parameters)
    #expect(try model.predict(images) == plain.predict(images))
    #expect(try model.evaluate(images, labels) == plain.evaluate(images, labels))
    #expect(try model.gradients(images, labels).gradients != plain.gradients(images, labels).gradients)
  }

  @Test(
    "loss and gradients are those of the network with explicit masks", arguments: ExecutionSchedule.allCases,
    [1, 35])
  func explicitMasks(schedule: ExecutionSchedule, count: Int) throws {
    let (images, labels) = try Self.batch(count)
    let model = try Self.model(schedule: schedule)
    for update in 1...2 {
      let (score, gradients) = try model.gradients(images, labels)
      func masked(_ tensor: Tensor, layer: Int, rate: Float) -> Tensor {
        let row = tensor.count / count
        var result = tensor
        for image in 0..<count {
          let mask = Self.mask(
            row, rate: Double(rate), seed: 3, layer: layer, update: update, image: image)
          for position in 0..<row {
            let index = image * row + position
            result.scalars[index] = mask[position] ? tensor.scalars[index] * (1 / (1 - rate)) : 0
          }
        }
        return result
      }
      let weights = model.parameterTensors.map(\.tensor)
      let input = masked(try Tensor(shape: [count, 45], scalars: images.scalars), layer: 0, rate: 0.2)
      let hidden = try dense(input, kernel: weights[0], bias: weights[1], activation: .tanh)
      let dropped = masked(hidden, layer: 3, rate: 0.5)
      let (loss, _, logitGradient) = try softmaxCrossEntropy(
        logits: dense(dropped, kernel: weights[2], bias: weights[3]), labels: labels)
      let second = try denseGradients(of: logitGradient, input: dropped, kernel: weights[2])
      let first = try denseGradients(
        of: activationGradient(of: masked(second.input, layer: 3, rate: 0.5), output: hidden, .tanh),
        input: input, kernel: weights[0])
      #expect(abs(score.loss - loss) < 1e-5)
      let expected = [first.kernel, first.bias, second.kernel, second.bias].flatMap(\.scalars)
      for (index, pair) in zip(gradients, expected).enumerated() where abs(pair.0 - pair.1) > 2e-6 {
        Issue.record("update \(update), parameter \(index): \(pair.0), expected \(pair.1)")
        return
      }
      try model.trainOnBatch(images, labels)
    }
  }

  @Test(
    "the same bits for any number of workers, and in a resumed run",
    arguments: ExecutionSchedule.allCases)
  func sameBits(schedule: ExecutionSchedule) throws {
    let (images, labels) = try Self.batch(53)
    let whole = try Self.model(schedule: schedule, workers: 1)
    for _ in 0..<6 { try whole.trainOnBatch(images, labels) }
    for workers in [2, 3] {
      let start = try Self.model(schedule: schedule, workers: workers)
      for _ in 0..<4 { try start.trainOnBatch(images, labels) }
      let rest = try Self.model(schedule: schedule, workers: workers)
      try rest.setParameters(start.parameters)
      try rest.setOptimizerState(#require(start.optimizerState))
      for _ in 0..<2 { try rest.trainOnBatch(images, labels) }
      #expect(rest.parameters == whole.parameters, "\(workers) workers")
    }
    let other = try Self.model(schedule: schedule, seed: 4)
    try other.setParameters(Self.model(schedule: schedule).parameters)
    #expect(
      try other.gradients(images, labels).gradients
        != Self.model(schedule: schedule).gradients(images, labels).gradients)
  }

  @Test("an invalid rate is an error", arguments: [-0.1, 1, 1.5, .nan, .infinity] as [Float])
  func invalidRates(rate: Float) {
    #expect(throws: EngineError.self) {
      try Sequential(inputShape: [4], layers: [.dropout(rate: rate), .dense(units: 2)])
    }
  }

  @Test("rate 0 computes nothing; every layer is in the summary")
  func summary() throws {
    let model = try Self.model(Self.layers + [.dropout(rate: 0, name: "none")], schedule: .microBatch)
    #expect(model.summaryRows.map(\.kind) == ["dropout", "flatten", "dense", "dropout", "dense", "dropout"])
    #expect(model.summaryRows.map(\.outputShape) == [[3, 5, 3], [45], [37], [37], [5], [5]])
    #expect(model.summaryRows.map(\.name)[3] == "half" && model.summary().contains("\nhalf      dropout  "))
    let (images, _) = try Self.batch(2)
    let plain = try Self.model(schedule: .microBatch)
    #expect(try model.predict(images) == plain.predict(images))
  }
}
