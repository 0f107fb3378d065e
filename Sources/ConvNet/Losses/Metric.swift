/// A metric to report besides the loss: a mean over the images.
public enum Metric: String, Sendable, Hashable, CaseIterable, Codable {
  /// The fraction of images whose largest output is at the target class; of networks with one output, the
  /// fraction of outputs on the target's side of one half.
  case accuracy
  /// The fraction of outputs that are on the target's side of one half.
  case binaryAccuracy
  /// The fraction of images whose target class is among the five largest outputs.
  case topFiveAccuracy
  /// The mean over the outputs of the absolute difference from the target.
  case meanAbsoluteError
}
