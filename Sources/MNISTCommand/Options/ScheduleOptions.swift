import ArgumentParser

/// The learning rate and its schedule.
struct ScheduleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Adam's peak learning rate. (default: 0.001)", valueName: "rate"))
  var learningRate: Float?

  @Option(
    help: ArgumentHelp(
      """
      The learning-rate schedule: constant, decaying in steps, or decaying along half a cosine to 0 at the end of \
      the last epoch. (default: constant)
      """, valueName: "schedule"))
  var schedule: Recipe.ScheduleShape?

  @Option(
    help: ArgumentHelp(
      "Raise the learning rate linearly to its peak over the first <n> epochs. (default: 0)", valueName: "n"))
  var warmupEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The number of epochs between two steps of --schedule step. (default: a third of those after the warmup)",
      valueName: "n"))
  var stepEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The factor that each step multiplies the learning rate by. (default: 0.1)", valueName: "factor"))
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

/// Parsed from its name.
extension Recipe.ScheduleShape: ExpressibleByArgument {}
