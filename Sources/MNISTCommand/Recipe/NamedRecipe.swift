/// Recipes that have a name; `--recipe NAME` begins with one, and the other options change it.
package enum NamedRecipe: String, Sendable, CaseIterable {
  /// A few seconds, and what most people expect of LeNet-5.
  case standard
  /// As much as LeNet-5 can learn in 20 epochs.
  case accurate

  /// What the name stands for.
  package var recipe: Recipe {
    var recipe = Recipe()
    switch self {
    case .standard:
      break
    case .accurate:
      (recipe.epochs, recipe.batchSize, recipe.validation) = (20, 32, 0)
      (recipe.learningRate, recipe.schedule, recipe.warmupEpochs) = (0.002, .cosine, 1)
      (recipe.weightDecay, recipe.shift) = (0.01, 2)
    }
    return recipe
  }
}
