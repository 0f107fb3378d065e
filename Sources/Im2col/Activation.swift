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
  /// The function of the C kernels; softmax is applied separately because it needs whole rows.
  package var kernelFunction: ckernels_activation {
    switch self {
    case .identity, .softmax: ckernels_activation(function: ckernels_identity, a: 0, b: 0)
    case .relu: ckernels_activation(function: ckernels_relu, a: 0, b: 0)
    case .tanh: ckernels_activation(function: ckernels_tanh, a: 0, b: 0)
    case .sigmoid: ckernels_activation(function: ckernels_sigmoid, a: 0, b: 0)
    }
  }
}
