/// What training makes small.
public enum Loss: String, Sendable, Hashable, CaseIterable, Codable {
  /// Softmax cross-entropy. A softmax at the model's end is taken together with the logarithm; a model that
  /// ends in anything else is taken to give logits.
  case categoricalCrossEntropy
}
