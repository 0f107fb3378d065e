/// Recipes that have a name; `--recipe NAME` begins with one, and the other options change it.
package enum NamedRecipe: String, Sendable, CaseIterable {
  /// A few seconds, and what most people expect of LeNet-5.
  case standard
  /// As much as LeNet-5 can learn in 20 epochs. Chosen by the loss on the last 10,000 training images over
  /// seeds 0 to 2, never by the test set; then it trains on all 60,000.
  case accurate

  /// What the name stands for.
  package var recipe: Recipe {
    var recipe = Recipe()
    switch self {
    case .standard:
      break
    case .accurate:
      (recipe.epochs, recipe.validation) = (20, 0)
      (recipe.learningRate, recipe.schedule, recipe.warmupEpochs) = (0.003, .cosine, 1)
      (recipe.weightDecay, recipe.shift) = (0.1, 2)
    }
    return recipe
  }
}
