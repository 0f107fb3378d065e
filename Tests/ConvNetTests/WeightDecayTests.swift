import ConvNet
import Foundation
import Im2col
import Im2colReference
import Testing

@Suite("Weight decay")
struct WeightDecayTests {
  /// Returns three parameters, initially (1, -2, 0.5), after five updates with the gradient (0.5 t, -0.25,
  /// (-1)^t).
  private func trained(_ optimizer: Optimizer) throws -> [Float] {
    var parameters: [Float] = [1, -2, 0.5]
    var state = optimizer.initialState(parameters: 3)
    for t in 1...5 {
      let gradients: [Float] = [0.5 * Float(t), -0.25, t.isMultiple(of: 2) ? 1 : -1]
      try optimizer.update(parameters: &parameters, gradients: gradients, state: &state)
    }
    return parameters
  }

  /// PyTorch 2.13 in Double: `AdamW(lr=0.125, eps=0, weight_decay=0.5)`, `SGD(lr=0.125, momentum=0.5,
  /// weight_decay=0.25)`, and `SGD(lr=0.125, weight_decay=0.25)` with `CosineAnnealingLR(T_max=8,
  /// eta_min=0.0125)` and with `StepLR(step_size=2, gamma=0.5)`.
  @Test(
    "agrees with PyTorch",
    arguments: [
      (
        Optimizer.adam(learningRate: 0.125, epsilon: 0, weightDecay: 0.5),
        [0.18952430866826453, -0.8967857360839862, 0.5095123320002736]
      ),
      (
        .sgd(learningRate: 0.125, momentum: 0.5, weightDecay: 0.25),
        [-0.5412836968898773, -1.2974900305271149, 0.5274883359670639]
      ),
      (
        .sgd(learningRate: 0.125, weightDecay: 0.25, schedule: .cosine(over: 8, end: 0.1)),
        [0.20287039392614037, -1.6341188879454964, 0.5237737854836126]
      ),
      (
        .sgd(learningRate: 0.125, weightDecay: 0.25, schedule: .step(every: 2, factor: 0.5)),
        [0.4301719609647989, -1.7068213168531656, 0.4776623910292983]
      ),
    ])
  func torch(optimizer: Optimizer, expected: [Double]) throws {
    for (ours, theirs) in zip(try trained(optimizer), expected) {
      #expect(abs(Double(ours) - theirs) < 5e-7, "\(optimizer)")
    }
  }

  @Test("AdamW with a schedule agrees with the reference in Double over many updates")
  func adam() throws {
    let (count, seed) = (1_037, UInt64(91))
    let schedule = LearningRateSchedule.cosine(over: 30, end: 0.25, warmup: 5)
    let optimizer = Optimizer.adam(learningRate: 0.01, weightDecay: 0.5, schedule: schedule)
    var parameters = try RandomImages.tensor([count], seed: seed).scalars
    var state = optimizer.initialState(parameters: count)
    var reference = ReferenceAdam(
      beta1: Double(Float(0.9)), beta2: Double(Float(0.999)), epsilon: Double(Float(1e-7)), weightDecay: 0.5)
    var exact = [DoubleTensor(shape: [count], scalars: parameters.map(Double.init))]
    for t in 1...40 {
      let gradients = try RandomImages.tensor([count], seed: seed + UInt64(t)).scalars
      try optimizer.update(parameters: &parameters, gradients: gradients, state: &state)
      reference.learningRate = Double(Float(0.01)) * schedule.factor(at: t)
      reference.update(&exact, gradients: [DoubleTensor(shape: [count], scalars: gradients.map(Double.init))])
    }
    let maxError = zip(parameters, exact[0].scalars).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(maxError < 4e-6)
  }

  /// v = 0.9 v - 0.0005 * rate * w - rate * g, w += v: section 5 of the paper, in Double.
  @Test("momentum and decay as in the AlexNet paper", arguments: [Float(0.9), 0])
  func alexNet(momentum: Float) throws {
    let (count, seed) = (1_037, UInt64(92))
    let schedule = LearningRateSchedule.step(every: 10, factor: 0.1)
    let optimizer = Optimizer.sgd(
      learningRate: 0.5, momentum: momentum, weightDecay: 0.125, schedule: schedule)
    var parameters = try RandomImages.tensor([count], seed: seed).scalars
    var state = optimizer.initialState(parameters: count)
    var (w, v) = (parameters.map(Double.init), [Double](repeating: 0, count: count))
    for t in 1...25 {
      let gradients = try RandomImages.tensor([count], seed: seed + UInt64(t)).scalars
      try optimizer.update(parameters: &parameters, gradients: gradients, state: &state)
      let rate = 0.5 * schedule.factor(at: t)
      for i in 0..<count {
        v[i] = Double(momentum) * v[i] - 0.125 * rate * w[i] - rate * Double(gradients[i])
        w[i] += v[i]
      }
    }
    let maxError = zip(parameters, w).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(maxError < 4e-5)
  }

  @Test("a decay of 0 preserves every bit, including infinities and signed zeros")
  func none() throws {
    for optimizer in [Optimizer.adam(), .sgd()] {
      var parameters: [Float] = [.infinity, -.infinity, -0.0, 0, 1]
      let before = parameters
      var state = optimizer.initialState(parameters: 5)
      try optimizer.update(parameters: &parameters, gradients: [0, 0, 0, 0, 0], state: &state)
      #expect(parameters.map(\.bitPattern) == before.map(\.bitPattern), "\(optimizer)")
    }
  }

  @Test("the decay applies to every parameter of a model, for any number of workers")
  func model() throws {
    func trained(_ optimizer: Optimizer, workers: Int) throws -> [Float] {
      let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 7)
      try model.setParameters([Float](repeating: 0.5, count: model.parameterCount))
      try model.compile(optimizer: optimizer, options: ComputeOptions(workers: Workers(workers)))
      try model.trainOnBatch(
        Tensor(repeating: 0, shape: [3, 28, 28, 1]), RandomImages.labels(3, classes: 10, seed: 4))
      return model.parameters
    }
    let (plain, decayed) = (
      try trained(.sgd(learningRate: 0.5), workers: 1),
      try trained(.sgd(learningRate: 0.5, weightDecay: 0.25), workers: 1)
    )
    // The gradient of conv1 is 0 on black images, so its decayed kernel is 0.5 - 0.5 * 0.25 * 0.5.
    #expect(plain[0] == 0.5 && decayed[0] == 0.4375)
    #expect(zip(plain, decayed).allSatisfy { abs($0 - 0.0625 - $1) <= 1e-6 * max(1, abs($0)) })
    #expect(try trained(.sgd(learningRate: 0.5, weightDecay: 0.25), workers: 3) == decayed)
  }

  @Test("invalid settings are errors")
  func invalidSettings() throws {
    for optimizer in [
      Optimizer.adam(weightDecay: -0.1), .adam(weightDecay: .nan), .sgd(weightDecay: .infinity),
    ] {
      var (parameters, state) = ([Float(1)], optimizer.initialState(parameters: 1))
      let error = #expect(throws: EngineError.self) {
        try optimizer.update(parameters: &parameters, gradients: [1], state: &state)
      }
      #expect(error?.description.contains("weight decay") == true)
      #expect(parameters == [1])
    }
  }

  @Test("JSON: settings without decay and schedule can be decoded, and new ones round-trip")
  func coding() throws {
    let old: [(String, Optimizer)] = [
      (
        #"{"adam":{"_0":{"beta1":0.5,"beta2":0.75,"epsilon":0.125,"learningRate":0.25}}}"#,
        .adam(learningRate: 0.25, beta1: 0.5, beta2: 0.75, epsilon: 0.125)
      ),
      (#"{"sgd":{"_0":{"learningRate":0.25,"momentum":0.5}}}"#, .sgd(learningRate: 0.25, momentum: 0.5)),
    ]
    for (json, optimizer) in old {
      #expect(try JSONDecoder().decode(Optimizer.self, from: Data(json.utf8)) == optimizer)
    }
    for schedule in [
      LearningRateSchedule.constant(warmup: 3), .step(every: 4, factor: 0.5), .cosine(over: 9, warmup: 1),
    ] {
      for optimizer in [
        Optimizer.adam(weightDecay: 0.5, schedule: schedule), .sgd(weightDecay: 0.25, schedule: schedule),
      ] {
        let data = try JSONEncoder().encode(optimizer)
        #expect(try JSONDecoder().decode(Optimizer.self, from: data) == optimizer)
      }
    }
  }
}
