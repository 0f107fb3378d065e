/// Data that make no sense for a model: a pixel that is not finite, or a target that the loss does not accept.
public struct DataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The index of the image in its data set, from 0.
  public let image: Int
  /// What is wrong, with the value and the remedy.
  public let problem: String

  /// Creates an error.
  public init(image: Int, problem: String) { (self.image, self.problem) = (image, problem) }

  /// The index and the problem.
  public var description: String { "image \(image): \(problem)" }
}
