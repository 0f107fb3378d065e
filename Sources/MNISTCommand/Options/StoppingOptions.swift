import ArgumentParser
import ConvNet

/// When to stop before the last epoch.
struct StoppingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Stop after so many epochs in a row without a better validation, and keep the best epoch's model. \
      (default: train all epochs, keep the last)
      """, valueName: "epochs"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "What has to become better for --patience. (default: validation-loss)", valueName: "score"))
  var monitor: EarlyStopping.Monitor?

  func validate() throws {
    if let patience { try require(patience, in: 1...Int(Int32.max), "--patience") }
    if monitor != nil, patience == nil { throw ValidationError("--monitor belongs to --patience; give both") }
  }

  func apply(to recipe: inout Recipe) {
    recipe.patience = patience ?? recipe.patience
    recipe.monitor = monitor ?? recipe.monitor
  }
}

/// As its name; what the training data say is no reason to stop here.
extension EarlyStopping.Monitor: ExpressibleByArgument {
  /// Those that help and completions name.
  public static var allValueStrings: [String] { validations.map(\.rawValue) }

  /// A name that help shows.
  public init?(argument: String) {
    guard let monitor = Self.validations.first(where: { $0.rawValue == argument }) else { return nil }
    self = monitor
  }

  private static var validations: [Self] { [.validationLoss, .validationAccuracy] }
}
