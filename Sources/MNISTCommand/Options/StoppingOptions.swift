import ArgumentParser
import ConvNet

/// Options for early stopping.
struct StoppingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Stop after <n> epochs in a row without a better validation score, and keep the model with the best score. \
      (default: train all epochs, keep the last)
      """, valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "The score that --patience watches. (default: validation-loss)", valueName: "score"))
  var monitor: EarlyStopping.Monitor?

  func validate() throws {
    if let patience { try require(patience, in: 1...Int(Int32.max), "--patience") }
    if monitor != nil, patience == nil { throw ValidationError("--monitor needs --patience; give both") }
  }

  func apply(to recipe: inout Recipe) {
    recipe.patience = patience ?? recipe.patience
    recipe.monitor = monitor ?? recipe.monitor
  }
}

/// Parsed from its name; only validation scores are accepted.
extension EarlyStopping.Monitor: ExpressibleByArgument {
  /// The values shown in help and completions.
  public static var allValueStrings: [String] { validations.map(\.rawValue) }

  /// The description of each value in help.
  public static var allValueDescriptions: [String: String] {
    [
      validationLoss.rawValue: "lower is better",
      validationAccuracy.rawValue: "higher is better",
    ]
  }

  /// Accepts the values shown in help.
  public init?(argument: String) {
    guard let monitor = Self.validations.first(where: { $0.rawValue == argument }) else { return nil }
    self = monitor
  }

  private static var validations: [Self] { [.validationLoss, .validationAccuracy] }
}
