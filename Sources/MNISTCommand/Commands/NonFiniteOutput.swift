/// A model whose parameters are finite but whose output is not.
struct NonFiniteOutput: Error, CustomStringConvertible {
  /// The model file.
  let path: String
  /// The image file, if the image is from a file.
  var image: String?

  var description: String {
    "\(path): the model's output is not finite\(image.map { " for \($0)" } ?? ""); train again with a lower "
      + "--learning-rate"
  }
}
