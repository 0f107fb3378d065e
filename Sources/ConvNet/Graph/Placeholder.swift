/// An input of a graph: a name and a shape whose tensor comes when the graph is run.
public struct Placeholder: Sendable, Hashable, CustomStringConvertible {
  /// What errors call it; two placeholders of one graph need two names.
  public let name: String
  /// The length of every axis; nil for one that each run may choose, such as the batch.
  public let shape: [Int?]

  /// Names an input.
  public init(_ name: String, shape: [Int?]) {
    (self.name, self.shape) = (name, shape)
  }

  /// Name and shape, with `?` for an axis that is free.
  public var description: String {
    "\(name) [\(shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
  }

  /// Whether a tensor's shape fits.
  func accepts(_ actual: [Int]) -> Bool {
    actual.count == shape.count && zip(shape, actual).allSatisfy { $0 == nil || $0 == $1 }
  }
}

/// Something that a run of a graph can be asked for.
public enum Fetch: String, Sendable, Hashable, CaseIterable {
  /// The model's output, `[batch, classes]`: probabilities.
  case output
  /// One update of the parameters.
  case train
  /// The mean loss of the batch.
  case loss
  /// The share of the batch that was right.
  case accuracy
}
