/// The loss function to minimize.
public enum Loss: String, Sendable, Hashable, CaseIterable, Codable {
  /// Softmax cross-entropy. A softmax at the end of the model is fused with the logarithm; the outputs of a
  /// model without a final softmax are treated as logits.
  case categoricalCrossEntropy
}
