import ArgumentParser

/// The learning rate and its way through the training.
struct ScheduleOptions: ParsableArguments {
  @Option(help: "Adam's step, at its largest. (default: 0.001)")
  var learningRate: Float?

  @Option(
    help: """
      The learning rate's way: always the same, falling in steps, or falling as half a cosine to 0 at the end of \
      the last epoch. (default: constant)
      """)
  var schedule: Recipe.ScheduleShape?

  @Option(
    help: ArgumentHelp(
      "Let the learning rate rise to its largest over so many epochs first. (default: 0)", valueName: "epochs"
    ))
  var warmupEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs between two steps of the schedule `step`. (default: a third of those behind the warm-up)",
      valueName: "epochs"))
  var stepEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "What a step multiplies the learning rate by. (default: 0.1)", valueName: "factor"))
  var stepFactor: Double?

  func validate() throws {
    if let learningRate {
      guard learningRate > 0, learningRate.isFinite else {
        throw ValidationError("--learning-rate is \(learningRate); it must be a positive number")
      }
    }
    if let warmupEpochs { try require(warmupEpochs, in: 0...Int(Int32.max), "--warmup-epochs") }
    if let stepEpochs { try require(stepEpochs, in: 1...Int(Int32.max), "--step-epochs") }
    if let stepFactor { try require(stepFactor, in: 0...1, "--step-factor") }
  }

  func apply(to recipe: inout Recipe) {
    recipe.learningRate = learningRate ?? recipe.learningRate
    recipe.schedule = schedule ?? recipe.schedule
    recipe.warmupEpochs = warmupEpochs ?? recipe.warmupEpochs
    recipe.stepEpochs = stepEpochs ?? recipe.stepEpochs
    recipe.stepFactor = stepFactor ?? recipe.stepFactor
  }
}

/// As its name.
extension Recipe.ScheduleShape: ExpressibleByArgument {}
