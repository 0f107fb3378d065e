/// A model whose parameters are numbers, but whose answers are not.
struct NonFiniteOutput: Error, CustomStringConvertible {
  /// The model's file.
  let path: String
  /// The file that it was asked about, where it was one.
  var image: String?

  var description: String {
    "\(path): the model's output is not finite\(image.map { " for \($0)" } ?? ""); train again with a lower "
      + "--learning-rate"
  }
}
