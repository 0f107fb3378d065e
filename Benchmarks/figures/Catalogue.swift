/// One picture of an article.
struct Figure: Sendable {
  let name: String
  /// The module whose DocC catalog has it.
  let module: String
  let make: @Sendable (MeasuredFolder) throws -> Picture

  var path: String { "\(module)/\(module).docc/\(name).svg" }
}

/// All pictures.
enum Catalogue {
  static let figures = [
    Figure(name: "columns", module: "Im2col") { _ in try ColumnsPicture.make() },
    Figure(name: "gradients", module: "Im2col") { _ in try GradientsPicture.make() },
    Figure(name: "padding", module: "Im2col") { _ in try PaddingPicture.make() },
    Figure(name: "same-bits", module: "Im2col") { _ in try SameBitsPicture.make() },
    Figure(name: "pooling", module: "ConvNet") { _ in try PoolingPicture.make() },
    Figure(name: "one-gradient", module: "ConvNet") { _ in try OneGradientPicture.make() },
    Figure(name: "feature-maps", module: "ConvNet", make: FeatureMapsPicture.make),
    Figure(name: "learning", module: "ConvNet", make: LearningPicture.make),
    Figure(name: "initialization", module: "ConvNet", make: InitializationPicture.make),
    Figure(name: "roofline", module: "ConvNet", make: RooflinePicture.make),
    Figure(name: "alexnet", module: "ConvNet", make: AlexNetPicture.make),
    Figure(name: "regularization", module: "ConvNet", make: RegularizationPicture.make),
    Figure(name: "relu-tanh", module: "ConvNet", make: ReluTanhPicture.make),
  ]
}
