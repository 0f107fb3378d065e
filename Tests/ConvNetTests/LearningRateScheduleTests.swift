import ConvNet
import Im2col
import Testing

@Suite("Learning-rate schedules")
struct LearningRateScheduleTests {
  private func factors(_ schedule: LearningRateSchedule, _ updates: ClosedRange<Int>) -> [Double] {
    updates.map { schedule.factor(at: $0) }
  }

  @Test("the constant schedule is exactly 1")
  func constant() {
    #expect(factors(.constant, 1...5) == [1, 1, 1, 1, 1])
    #expect(LearningRateSchedule.constant.factor(at: .max) == 1)
    // The learning rate is not rounded.
    #expect(Optimizer.adam(learningRate: 0.1).learningRate(at: 7) == 0.1)
    #expect(Optimizer.sgd(learningRate: 0.3).learningRate(at: 7) == 0.3)
  }

  @Test("the warmup increases linearly to 1, and the shape follows")
  func warmup() {
    #expect(factors(.constant(warmup: 4), 1...6) == [0.25, 0.5, 0.75, 1, 1, 1])
    #expect(
      factors(.step(every: 2, factor: 0.5, warmup: 2), 1...8) == [0.5, 1, 1, 1, 0.5, 0.5, 0.25, 0.25])
    let (plain, warmedUp) = (
      LearningRateSchedule.cosine(over: 5), LearningRateSchedule.cosine(over: 5, warmup: 3)
    )
    #expect(factors(warmedUp, 4...10) == factors(plain, 1...7))
  }

  @Test("steps")
  func steps() {
    #expect(factors(.step(every: 3, factor: 0.5), 1...7) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
    #expect(factors(.step(every: 1, factor: 0), 1...3) == [1, 0, 0])
    #expect(LearningRateSchedule.step(every: 1, factor: 0.5).factor(at: .max) == 0)
  }

  /// `torch.optim.lr_scheduler.CosineAnnealingLR(T_max=8, eta_min=0.125)` from a rate of 1, PyTorch 2.13.
  @Test("half a cosine as in PyTorch, then the final factor")
  func cosine() {
    let torch = [
      1.0, 0.966697295473688, 0.8718592167691146, 0.7299240016597269, 0.5625, 0.39507599834027324,
      0.2531407832308855, 0.15830270452631207, 0.125,
    ]
    let schedule = LearningRateSchedule.cosine(over: 8, end: 0.125)
    for (index, (ours, expected)) in zip(factors(schedule, 1...9), torch).enumerated() {
      #expect(abs(ours - expected) < 1e-15, "update \(index + 1)")
    }
    #expect(factors(schedule, 9...12) == [0.125, 0.125, 0.125, 0.125])
    #expect(LearningRateSchedule.cosine(over: 8).factor(at: 9) == 0)
    #expect(schedule.factor(at: .max) == 0.125)
  }

  @Test("an invalid schedule is an error of compile that contains the value")
  func invalid() throws {
    let model = try Sequential(inputShape: [2], layers: [.dense(units: 2, activation: .softmax)])
    let bad: [(LearningRateSchedule, String)] = [
      (.constant(warmup: -1), "takes -1 updates"), (.step(every: 0), "every 0 updates"),
      (.step(every: 1, factor: 1.5), "is 1.5"), (.step(every: 1, factor: .nan), "is nan"),
      (.cosine(over: 0), "takes 0 updates"), (.cosine(over: 1, end: -0.5), "ends at -0.5"),
    ]
    for (schedule, text) in bad {
      for optimizer in [Optimizer.adam(schedule: schedule), .sgd(schedule: schedule)] {
        let error = #expect(throws: EngineError.self) { try model.compile(optimizer: optimizer) }
        #expect(error?.description.contains(text) == true, "\(schedule): \(error?.description ?? "")")
      }
    }
    #expect(model.optimizer == nil)
  }

  @Test("a resumed run continues the schedule")
  func resumes() throws {
    let x = try RandomImages.tensor([50, 3], seed: 7)
    let y = try RandomImages.labels(50, classes: 3, seed: 8)
    func model() throws -> Sequential {
      let model = try Sequential(inputShape: [3], layers: [.dense(units: 3, activation: .softmax)], seed: 2)
      try model.compile(
        optimizer: .adam(learningRate: 0.05, weightDecay: 0.1, schedule: .cosine(over: 12, warmup: 3)))
      return model
    }
    let uninterrupted = try model()
    try uninterrupted.fit(x, y, batchSize: 16, epochs: 4)
    let (first, second) = (try model(), try model())
    try first.fit(x, y, batchSize: 16, epochs: 1)
    try second.setParameters(first.parameters)
    try second.setOptimizerState(#require(first.optimizerState))
    try second.fit(x, y, batchSize: 16, epochs: 4, initialEpoch: 1)
    #expect(second.parameters == uninterrupted.parameters)
  }
}
