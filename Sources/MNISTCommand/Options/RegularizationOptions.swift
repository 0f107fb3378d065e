import ArgumentParser

/// What keeps a model from learning its images by heart.
struct RegularizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Let every parameter shrink by this share times the learning rate in each update: AdamW's decoupled decay. \
      (default: 0)
      """, valueName: "share"))
  var weightDecay: Float?

  @Option(
    help: ArgumentHelp(
      "Move each image by up to so many pixels up or down and left or right, anew in every epoch. (default: 0)",
      valueName: "pixels"))
  var shift: Int?

  @Option(
    help: ArgumentHelp(
      """
      Leave out this share of the outputs of the two hidden dense layers in each update, at random. (default: 0)
      """, valueName: "share"))
  var dropout: Float?

  func validate() throws {
    if let weightDecay {
      guard weightDecay >= 0, weightDecay.isFinite else {
        throw ValidationError("--weight-decay is \(weightDecay); it must be a number and not negative")
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
