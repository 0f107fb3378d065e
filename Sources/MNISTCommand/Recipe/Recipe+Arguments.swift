extension Recipe {
  /// The options that turn the standard recipe into this one, as typed.
  package var arguments: [String] {
    let standard = Recipe()
    var arguments: [String] = []
    func add<Value: Equatable>(_ option: String, _ value: KeyPath<Recipe, Value>, _ text: (Value) -> String) {
      if self[keyPath: value] != standard[keyPath: value] {
        arguments += [option, text(self[keyPath: value])]
      }
    }
    add("--network", \.network) { $0.rawValue }
    add("--epochs", \.epochs) { "\($0)" }
    add("--batch-size", \.batchSize) { "\($0)" }
    add("--validation", \.validation) { "\($0)" }
    add("--learning-rate", \.learningRate) { "\($0)" }
    add("--schedule", \.schedule) { $0.rawValue }
    add("--warmup-epochs", \.warmupEpochs) { "\($0)" }
    add("--step-epochs", \.stepEpochs) { "\($0 ?? 0)" }
    add("--step-factor", \.stepFactor) { "\($0)" }
    add("--weight-decay", \.weightDecay) { "\($0)" }
    add("--shift", \.shift) { "\($0)" }
    add("--dropout", \.dropout) { "\($0)" }
    add("--patience", \.patience) { "\($0 ?? 0)" }
    add("--monitor", \.monitor) { $0.rawValue }
    return arguments
  }
}

extension NamedRecipe {
  /// All recipes with their options, for the help; the lines are short enough for narrow terminals.
  static var help: String {
    allCases.map { name in
      let arguments = name.recipe.arguments
      // Three options with their values per line.
      let lines = stride(from: 0, to: arguments.count, by: 6).map { first in
        "    " + arguments[first..<min(first + 6, arguments.count)].joined(separator: " ")
      }
      return (["  \(name.rawValue)"] + (lines.isEmpty ? ["    the defaults below"] : lines))
        .joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
