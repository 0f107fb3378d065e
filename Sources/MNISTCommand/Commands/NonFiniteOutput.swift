/// A model whose parameters are numbers, but whose answers are not.
struct NonFiniteOutput: Error, CustomStringConvertible {
  /// The model's file.
  let path: String

  var description: String {
    "\(path): the model's output is not finite; train again with a lower --learning-rate"
  }
}
