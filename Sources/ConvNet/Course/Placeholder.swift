/// An input of a graph, with a name and a shape; its tensor is fed when the graph runs.
public struct Placeholder: Sendable, Hashable, CustomStringConvertible {
  /// The name; the placeholders of a graph must have different names.
  public let name: String
  /// The length of each axis; nil for an axis of any length, such as the batch.
  public let shape: [Int?]

  /// Creates a placeholder.
  public init(_ name: String, shape: [Int?]) {
    (self.name, self.shape) = (name, shape)
  }

  /// The name and shape, with `?` for an axis of any length.
  public var description: String {
    "\(name) [\(shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
  }

  /// Returns whether the placeholder accepts a tensor of a shape.
  func accepts(_ actual: [Int]) -> Bool {
    actual.count == shape.count && zip(shape, actual).allSatisfy { $0 == nil || $0 == $1 }
  }
}

/// A result or action of a graph run.
public enum Fetch: String, Sendable, Hashable, CaseIterable {
  /// The output of the model, `[batch, classes]`.
  case output
  /// One update of the parameters.
  case train
  /// The mean loss of the batch.
  case loss
  /// The accuracy on the batch.
  case accuracy
}
