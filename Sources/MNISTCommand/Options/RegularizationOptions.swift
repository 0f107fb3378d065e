import ArgumentParser

/// Options against overfitting.
struct RegularizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The weight decay of AdamW: each update multiplies every parameter by 1 - <w> * learning rate. (default: 0)",
      valueName: "w"))
  var weightDecay: Float?

  @Option(
    help: ArgumentHelp(
      "Shift each image by up to <n> pixels along both axes, at random in every epoch. (default: 0)",
      valueName: "n"))
  var shift: Int?

  @Option(
    help: ArgumentHelp(
      "The fraction of the outputs of the two hidden dense layers that each update drops. (default: 0)",
      valueName: "rate"))
  var dropout: Float?

  func validate() throws {
    if let weightDecay {
      guard weightDecay >= 0, weightDecay.isFinite else {
        throw ValidationError("--weight-decay is \(weightDecay); it must be a number of at least 0")
      }
    }
    if let shift { try require(shift, in: 0...27, "--shift") }
    if let dropout, !(0..<1).contains(dropout) {
      throw ValidationError("--dropout is \(dropout); it must be at least 0 and below 1")
    }
  }

  func apply(to recipe: inout Recipe) {
    recipe.weightDecay = weightDecay ?? recipe.weightDecay
    recipe.shift = shift ?? recipe.shift
    recipe.dropout = dropout ?? recipe.dropout
  }
}
