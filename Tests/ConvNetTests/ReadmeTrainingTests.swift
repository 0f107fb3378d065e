import ConvNet
import Im2col
import Testing

/// The training example of README.md; the README must contain these lines.
struct ReadmeTrainingTests {
  @Test func exampleRestoresBestEpoch() throws {
    let (images, labels) = (
      try RandomImages.tensor([40, 12], seed: 1), try RandomImages.labels(40, classes: 3, seed: 2)
    )
    let (others, theirLabels) = (
      try RandomImages.tensor([20, 12], seed: 3), try RandomImages.labels(20, classes: 3, seed: 4)
    )
    let model = try Sequential(inputShape: [12], layers: [.dense(units: 3, activation: .softmax)])
    // README: begin
    try model.compile(
      optimizer: .adam(
        learningRate: 0.002, weightDecay: 0.05, schedule: .cosine(over: 30_000, warmup: 1_500)))
    let stopper = EarlyStopper(EarlyStopping(patience: 3), of: model)
    try model.fit(
      images, labels, epochs: 100, validationData: (others, theirLabels),
      callbacks: FitCallbacks(onEpoch: stopper.observe))
    try stopper.restoreBest()
    // README: end
    let best = try #require(stopper.best)
    #expect(try model.evaluate(others, theirLabels) == best.validation)
  }

  @Test func readmeContainsExample() throws { try expectReadmeShows() }
}
