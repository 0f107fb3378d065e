import ArgumentParser

/// The learning-rate schedule.
struct ScheduleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the learning rate changes after the warmup. (default: constant)", valueName: "schedule"))
  var schedule: Recipe.ScheduleShape?

  @Option(
    help: ArgumentHelp(
      "Raise the learning rate linearly to its peak over the first <n> epochs. (default: 0)", valueName: "n"))
  var warmupEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The number of epochs per step of --schedule step. (default: a third of those after the warmup)",
      valueName: "n"))
  var stepEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "The factor that each step multiplies the learning rate by. (default: 0.1)", valueName: "factor"))
  var stepFactor: Double?

  func validate() throws {
    if let warmupEpochs { try require(warmupEpochs, in: 0...Int(Int32.max), "--warmup-epochs") }
    if let stepEpochs { try require(stepEpochs, in: 1...Int(Int32.max), "--step-epochs") }
    if let stepFactor { try require(stepFactor, in: 0...1, "--step-factor") }
  }

  func apply(to recipe: inout Recipe) {
    recipe.schedule = schedule ?? recipe.schedule
    recipe.warmupEpochs = warmupEpochs ?? recipe.warmupEpochs
    recipe.stepEpochs = stepEpochs ?? recipe.stepEpochs
    recipe.stepFactor = stepFactor ?? recipe.stepFactor
  }
}

/// Parsed from its name.
extension Recipe.ScheduleShape: ExpressibleByArgument {
  /// The description of each value in help.
  package static var allValueDescriptions: [String: String] {
    [
      constant.rawValue: "always the peak learning rate",
      step.rawValue: "multiplied by a factor in steps",
      cosine.rawValue: "half a cosine, to 0 at the end of the last epoch",
    ]
  }
}
