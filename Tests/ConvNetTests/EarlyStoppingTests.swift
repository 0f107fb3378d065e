import ConvNet
import Im2col
import Testing

@Suite("Early stopping")
struct EarlyStoppingTests {
  /// Epochs with given mean validation losses and correct predictions, of 100 images.
  private func epochs(losses: [Double], correct: [Int]? = nil) -> [History.Epoch] {
    losses.enumerated().map { index, loss in
      var score = Score()
      (score.images, score.correct, score.lossSum) = (100, correct?[index] ?? 0, 100 * loss)
      return History.Epoch(epoch: index, training: Score(), validation: score)
    }
  }

  @Test("training stops after `patience` epochs without improvement")
  func patience() {
    let all = epochs(losses: [0.5, 0.4, 0.35, 0.36, 0.34, 0.34, 0.35, 0.36])
    let rule = EarlyStopping(patience: 3)
    #expect(
      (0...8).map { rule.verdict(on: Array(all[..<$0])).stops } == Array(repeating: false, count: 8) + [true])
    #expect((0...8).map { rule.verdict(on: Array(all[..<$0])).best } == [nil, 0, 1, 2, 2, 4, 4, 4, 4])
    #expect((0...8).map { rule.verdict(on: Array(all[..<$0])).waited } == [0, 0, 0, 0, 1, 0, 1, 2, 3])
    #expect(EarlyStopping(patience: 1).verdict(on: Array(all[..<4])).stops)
    for patience in [0, -3, .min] {
      #expect(!EarlyStopping(patience: patience).verdict(on: Array(all[..<3])).stops)
      #expect(EarlyStopping(patience: patience).verdict(on: Array(all[..<4])).stops)
    }
  }

  @Test("a change below the minimum delta is no improvement")
  func minimumDelta() {
    let all = epochs(losses: [1, 0.875, 0.75, 0.625])
    #expect(EarlyStopping(patience: 9, minimumDelta: 0.25).verdict(on: all).best == 3)
    #expect(EarlyStopping(patience: 9, minimumDelta: 0.25).verdict(on: Array(all[..<3])).best == 0)
    #expect(EarlyStopping(patience: 9, minimumDelta: -0.25).verdict(on: Array(all[..<3])).best == 0)
    #expect(EarlyStopping(patience: 9).verdict(on: Array(all[..<3])).best == 2)
  }

  @Test("a larger accuracy is better")
  func accuracy() {
    let all = epochs(losses: [0.1, 0.2, 0.3, 0.4], correct: [90, 95, 95, 94])
    let verdict = EarlyStopping(monitor: .validationAccuracy, patience: 2).verdict(on: all)
    #expect(verdict.best == 1 && verdict.waited == 2 && verdict.stops)
    #expect(EarlyStopping(patience: 2).verdict(on: all).best == 0)
  }

  @Test("a missing or non-finite score is never an improvement")
  func notMeasured() {
    let nan = epochs(losses: [.nan, .infinity, 0.5, -.infinity, .nan])
    let verdict = EarlyStopping(patience: 2).verdict(on: nan)
    #expect(verdict.best == 2 && verdict.waited == 2 && verdict.stops)
    let unmeasured = EarlyStopping(monitor: .trainingLoss, patience: 3).verdict(on: epochs(losses: [1, 2]))
    #expect(unmeasured.best == nil && unmeasured.waited == 2 && !unmeasured.stops)
  }

  // MARK: - In fit

  /// Trains on random labels, so that the validation loss soon increases.
  private func noise(epochs: Int, before: EarlyStopper? = nil, from first: Sequential? = nil) throws
    -> (model: Sequential, stopper: EarlyStopper, history: History, parameters: [[Float]])
  {
    let model = try Sequential(
      inputShape: [12],
      layers: [.dense(units: 24, activation: .tanh), .dense(units: 3, activation: .softmax)],
      seed: 5)
    try model.compile(optimizer: .adam(learningRate: 0.02), options: ComputeOptions(workers: Workers(1)))
    if let first {
      try model.setParameters(first.parameters)
      try model.setOptimizerState(#require(first.optimizerState))
    }
    let stopper = EarlyStopper(
      EarlyStopping(patience: 4), of: model, epochs: before?.epochs ?? [],
      bestParameters: before?.bestParameters)
    var parameters: [[Float]] = []
    let history = try model.fit(
      RandomImages.tensor([60, 12], seed: 1), RandomImages.labels(60, classes: 3, seed: 2), batchSize: 16,
      epochs: epochs, initialEpoch: before?.epochs.count ?? 0,
      validationData: (RandomImages.tensor([60, 12], seed: 3), RandomImages.labels(60, classes: 3, seed: 4)),
      callbacks: FitCallbacks(onEpoch: {
        parameters.append(model.parameters)
        return stopper.observe($0)
      }))
    return (model, stopper, history, parameters)
  }

  @Test("stops training and restores the parameters of the best epoch")
  func restores() throws {
    let run = try noise(epochs: 500)
    #expect(run.history.end == .stopped && run.history.epochs.count < 500)
    let best = try #require(run.stopper.verdict.best)
    #expect(best == run.history.epochs.count - 5)
    #expect(run.stopper.best == run.history.epochs[best])
    let last = run.model.parameters
    try run.stopper.restoreBest()
    #expect(run.model.parameters == run.parameters[best] && run.model.parameters != last)
    let again = try run.model.evaluate(
      RandomImages.tensor([60, 12], seed: 3), RandomImages.labels(60, classes: 3, seed: 4))
    #expect(again == run.stopper.best?.validation)
  }

  @Test("a resumed run stops at the same epoch")
  func resumes() throws {
    let uninterrupted = try noise(epochs: 500)
    let first = try noise(epochs: 2)
    let second = try noise(epochs: 500, before: first.stopper, from: first.model)
    #expect(second.stopper.epochs == uninterrupted.stopper.epochs)
    #expect(second.stopper.bestParameters == uninterrupted.stopper.bestParameters)
  }

  @Test("a rule without restoring stores no parameters")
  func withoutRestoring() throws {
    let model = try Sequential(inputShape: [2], layers: [.dense(units: 2)])
    let stopper = EarlyStopper(EarlyStopping(patience: 1, keepsBest: false), of: model)
    #expect(epochs(losses: [2, 1, 1]).map(stopper.observe) == [.continue, .continue, .stop])
    #expect(stopper.bestParameters == nil && stopper.best?.epoch == 1)
    let parameters = model.parameters
    try stopper.restoreBest()
    #expect(model.parameters == parameters)
  }
}
