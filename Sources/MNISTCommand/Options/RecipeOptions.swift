import ArgumentParser

/// How to train: a recipe by name, and what is to be different.
package struct RecipeOptions: ParsableArguments {
  @Option(
    name: .customLong("recipe"),
    help: ArgumentHelp(
      "Begin with the options of a recipe (see above); those given here as well outrank it.",
      valueName: "name")
  )
  var name = NamedRecipe.standard

  @Option(help: "How often to go through the images. (default: 5)")
  var epochs: Int?

  @Option(help: "Images an update. (default: 32)")
  var batchSize: Int?

  @Option(
    help: "How many images at the end of the training set to validate on; 0 trains on all. (default: 10000)")
  var validation: Int?

  @OptionGroup(title: "Learning Rate") var schedule: ScheduleOptions

  @OptionGroup(title: "Regularization") var regularization: RegularizationOptions

  @OptionGroup(title: "Early Stopping") var stopping: StoppingOptions

  package init() {}

  package func validate() throws {
    let counts = 1...Int(Int32.max)
    if let epochs { try require(epochs, in: counts, "--epochs") }
    if let batchSize { try require(batchSize, in: counts, "--batch-size") }
    if let validation { try require(validation, in: 0...Int(Int32.max), "--validation") }
    if let conflict = chosen.conflict { throw ValidationError(conflict) }
  }

  /// The recipe with all that is to be different.
  package var chosen: Recipe {
    var recipe = name.recipe
    recipe.epochs = epochs ?? recipe.epochs
    recipe.batchSize = batchSize ?? recipe.batchSize
    recipe.validation = validation ?? recipe.validation
    schedule.apply(to: &recipe)
    regularization.apply(to: &recipe)
    stopping.apply(to: &recipe)
    return recipe
  }

  /// What a recipe stands for, with all that is different here; nil where none was asked for.
  var announcement: String? {
    name == .standard ? nil : "recipe \(name.rawValue): " + chosen.arguments.joined(separator: " ")
  }
}

/// As its name.
extension NamedRecipe: ExpressibleByArgument {}
