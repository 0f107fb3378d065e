/// A metric to report besides the loss.
public enum Metric: String, Sendable, Hashable, CaseIterable, Codable {
  /// The fraction of images whose largest output is at the target class.
  case accuracy
}
