/// What reports show besides the loss.
public enum Metric: String, Sendable, Hashable, CaseIterable, Codable {
  /// Share of images whose largest output is at the target's class.
  case accuracy
}
