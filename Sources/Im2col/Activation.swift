import CKernels

/// A function applied to every output of a layer, or for softmax to every row of channels.
///
/// Each derivative is a function of the *output* `y`, so a backward pass needs only the result of the
/// forward pass.
public enum Activation: String, Sendable, Hashable, CaseIterable, Codable {
  /// `y = x`, derivative 1.
  case identity
  /// `y = max(x, 0)`, derivative 1 where `y > 0` and 0 elsewhere; NaN stays NaN.
  case relu
  /// `y = tanh(x)`, derivative `1 - y * y`.
  case tanh
  /// `y = 1 / (1 + exp(-x))`, derivative `y * (1 - y)`.
  case sigmoid
  /// `y[c] = exp(x[c]) / sum over k of exp(x[k])` along the last axis; gradient
  /// `y[c] * (g[c] - sum over k of g[k] * y[k])`.
  case softmax
}

extension Activation {
  /// The C kernels' name for the function; softmax is applied separately because it needs whole rows.
  package var kernelFunction: ckernels_function {
    switch self {
    case .identity, .softmax: ckernels_identity
    case .relu: ckernels_relu
    case .tanh: ckernels_tanh
    case .sigmoid: ckernels_sigmoid
    }
  }
}
