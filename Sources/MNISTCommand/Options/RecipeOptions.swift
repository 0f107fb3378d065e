import ArgumentParser

/// Training settings: a named recipe and the options that override it.
package struct RecipeOptions: ParsableArguments {
  @OptionGroup(title: Train.mainTitle) var main: MainRecipeOptions

  @Option(
    help: ArgumentHelp(
      """
      The number of images held out from the end of the training set for validation; 0 trains on all. \
      (default: 10000)
      """, valueName: "n"))
  var validation: Int?

  @OptionGroup(title: "Learning-Rate Schedule") var schedule: ScheduleOptions

  @OptionGroup(title: "Regularization") var regularization: RegularizationOptions

  @OptionGroup(title: "Early Stopping") var stopping: StoppingOptions

  package init() {}

  package func validate() throws {
    if let validation { try require(validation, in: 0...Int(Int32.max), "--validation") }
    if let conflict = recipe.conflict { throw ValidationError(conflict) }
  }

  /// The named recipe with the overriding options applied.
  package var recipe: Recipe {
    var recipe = main.name.recipe
    main.apply(to: &recipe)
    recipe.validation = validation ?? recipe.validation
    schedule.apply(to: &recipe)
    regularization.apply(to: &recipe)
    stopping.apply(to: &recipe)
    return recipe
  }

  /// The named recipe as options, overrides included; nil for the standard recipe.
  var announcement: String? {
    main.name == .standard
      ? nil : "recipe \(main.name.rawValue): " + recipe.arguments.joined(separator: " ")
  }
}

/// The most important training settings.
struct MainRecipeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network; lenet5 if it is not given.", valueName: "name"))
  var network: NamedNetwork?

  @Option(help: ArgumentHelp("The number of epochs. (default: 5)", valueName: "n"))
  var epochs: Int?

  @Option(help: ArgumentHelp("The number of images per update. (default: 32)", valueName: "n"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("Adam's peak learning rate. (default: 0.001)", valueName: "rate"))
  var learningRate: Float?

  @Option(
    name: .customLong("recipe"),
    help: ArgumentHelp(
      "Use the settings of a recipe (see above); other options override them.", valueName: "name"))
  var name = NamedRecipe.standard

  func validate() throws {
    let counts = 1...Int(Int32.max)
    if let epochs { try require(epochs, in: counts, "--epochs") }
    if let batchSize { try require(batchSize, in: counts, "--batch-size") }
    if let learningRate {
      guard learningRate > 0, learningRate.isFinite else {
        throw ValidationError("--learning-rate is \(learningRate); it must be a positive number")
      }
    }
  }

  func apply(to recipe: inout Recipe) {
    recipe.network = network ?? recipe.network
    recipe.epochs = epochs ?? recipe.epochs
    recipe.batchSize = batchSize ?? recipe.batchSize
    recipe.learningRate = learningRate ?? recipe.learningRate
  }
}

/// Parsed from its name.
extension NamedRecipe: ExpressibleByArgument {}
extension NamedNetwork: ExpressibleByArgument {}
