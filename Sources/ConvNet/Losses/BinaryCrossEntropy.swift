import CKernels
import Im2col

/// Sigmoid cross-entropy of outputs that are independent of each other: the mean over the outputs of
///
///     - t * log(sigmoid(x)) - (1 - t) * log(1 - sigmoid(x))
///
/// A sigmoid at the end of the network is combined with the logarithms; the outputs of a network without a last
/// activation are the logits `x`.
public struct BinaryCrossEntropy: Loss, Hashable {
  /// Creates a loss.
  public init() {}

  /// `binary cross-entropy`.
  public var name: String { "binary cross-entropy" }
  /// The sigmoid.
  public var includedActivation: Activation? { .sigmoid }
  /// Probabilities.
  public var targetRule: String { "numbers from 0 to 1" }

  /// Accepts numbers from 0 to 1.
  public func isValid(target: Span<Float>) -> Bool {
    for index in target.indices where !(target[index] >= 0 && target[index] <= 1) { return false }
    return true
  }
}

extension BinaryCrossEntropy: SinglePassLoss {
  func evaluate(
    _ outputs: Span<Float>, _ targets: Span<Float>, images: Int, scale: Float,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    withStarts(outputs, targets) { outputs, targets, count in
      ckernels_sigmoid_cross_entropy(
        Int64(images), Int64(count / images), outputs, targets, scale, nil, gradient)
    }
  }
}
