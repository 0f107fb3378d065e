/// The names of the parameter arrays of a model, by whether a warm start found values for them.
public struct ParameterMatch: Sendable, Equatable, CustomStringConvertible {
  /// Arrays that were replaced.
  public internal(set) var matched: [String] = []
  /// Arrays for which there was no value.
  public internal(set) var missing: [String] = []
  /// Arrays whose value had another shape.
  public internal(set) var otherShape: [String] = []
  /// Values that the model has no array for.
  public internal(set) var unused: [String] = []

  /// The numbers, and the names of what did not match.
  public var description: String {
    let total = matched.count + missing.count + otherShape.count
    let others = [("missing", missing), ("of another shape", otherShape), ("not used", unused)]
      .filter { !$0.1.isEmpty }
      .map { "; \($0.0): \($0.1.joined(separator: ", "))" }
    return "\(matched.count) of \(total) parameter arrays" + others.joined()
  }
}
