import ConvNet
import Testing
import mnist

/// The settings given by the options of `mnist train`.
@Suite struct RecipeTests {
  @Test func theDefaultIsPlainAdam() {
    let recipe = NamedRecipe.standard.recipe
    #expect(recipe == Recipe() && recipe.conflict == nil)
    #expect(recipe.optimizer(updatesPerEpoch: 1_563) == .adam())
    #expect(recipe.earlyStopping == nil)
    #expect(
      recipe.notes == ["epochs": "5", "batch_size": "32", "learning_rate": "0.001", "schedule": "constant"])
  }

  @Test func schedulesCountInEpochs() {
    var recipe = Recipe()
    (recipe.epochs, recipe.schedule) = (20, .cosine)
    #expect(recipe.optimizer(updatesPerEpoch: 100).schedule == .cosine(over: 2_000))
    recipe.warmupEpochs = 2
    #expect(recipe.optimizer(updatesPerEpoch: 100).schedule == .cosine(over: 1_800, warmup: 200))
    recipe.schedule = .step
    #expect(recipe.optimizer(updatesPerEpoch: 100).schedule == .step(every: 600, factor: 0.1, warmup: 200))
    (recipe.stepEpochs, recipe.stepFactor) = (7, 0.5)
    #expect(recipe.optimizer(updatesPerEpoch: 100).schedule == .step(every: 700, factor: 0.5, warmup: 200))
    recipe.schedule = .constant
    #expect(recipe.optimizer(updatesPerEpoch: 100).schedule == .constant(warmup: 200))
    // One epoch has steps too, and a cosine decays to almost 0 at its last update.
    (recipe.epochs, recipe.warmupEpochs, recipe.stepEpochs, recipe.schedule) = (1, 0, nil, .step)
    #expect(recipe.optimizer(updatesPerEpoch: 10).schedule == .step(every: 10, factor: 0.5))
    recipe.schedule = .cosine
    #expect(recipe.optimizer(updatesPerEpoch: 10).schedule.factor(at: 10) < 0.03)
  }

  @Test func notesHaveTheUsedSettings() {
    var recipe = Recipe()
    (recipe.schedule, recipe.warmupEpochs, recipe.weightDecay, recipe.shift) = (.step, 1, 0.05, 2)
    (recipe.patience, recipe.dropout, recipe.monitor) = (3, 0.25, .validationAccuracy)
    #expect(
      recipe.notes == [
        "epochs": "5", "batch_size": "32", "learning_rate": "0.001", "schedule": "step", "step_epochs": "1",
        "step_factor": "0.1", "warmup_epochs": "1", "weight_decay": "0.05", "shift": "2", "dropout": "0.25",
        "patience": "3",
        "monitor": "validation-accuracy",
      ])
    #expect(recipe.earlyStopping == EarlyStopping(monitor: .validationAccuracy, patience: 3))
  }

  /// The options of a recipe give the recipe.
  @Test func argumentsMakeTheRecipe() throws {
    var every = Recipe()
    (every.epochs, every.batchSize, every.validation) = (7, 64, 500)
    (every.learningRate, every.schedule, every.warmupEpochs) = (0.0025, .step, 2)
    (every.stepEpochs, every.stepFactor, every.weightDecay) = (3, 0.3, 0.015)
    (every.shift, every.dropout, every.patience, every.monitor) = (1, 0.35, 4, .validationAccuracy)
    #expect(every.arguments.count == 26)
    var other = Recipe()
    other.network = .resnet20
    #expect(other.arguments == ["--network", "resnet20"])
    for recipe in [every, other, Recipe()] + NamedRecipe.allCases.map(\.recipe) {
      #expect(try RecipeOptions.parse(recipe.arguments).recipe == recipe)
    }
    #expect(
      try RecipeOptions.parse(["--recipe", "accurate"] + every.arguments).recipe == every,
      "other options override the recipe")
  }

  @Test func networksAreNamedInFilesAndSettings() throws {
    let counts: [NamedNetwork: Int] = [
      .lenet5: 61_706, .keras: 34_826, .pytorch: 1_199_882, .resnet20: 272_186,
    ]
    for network in NamedNetwork.allCases {
      var recipe = Recipe()
      recipe.network = network
      // The numbers that PyTorch counts; ResNet-20 has one color here.
      let model = try Model(inputShape: LeNet5.inputShape, layers: recipe.layers)
      #expect(model.trainableCount == counts[network], "\(network)")
      #expect(recipe.notes["network"] == (network == .lenet5 ? nil : network.rawValue))
      #expect(recipe.resumeSettings.contains { $0.option == "--network" } == (network != .lenet5))
      recipe.dropout = 0.5
      #expect((recipe.conflict == nil) == (network == .lenet5))
    }
  }

  @Test(arguments: NamedRecipe.allCases) func namedRecipesHaveNoConflicts(name: NamedRecipe) throws {
    let recipe = name.recipe
    #expect(recipe.conflict == nil && recipe.epochs <= 20)
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: recipe.layers)
    #expect(model.parameterCount == 61_706)
    try model.compile(optimizer: recipe.optimizer(updatesPerEpoch: 1_875))
  }
}
