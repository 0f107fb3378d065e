import CKernels

/// A function applied to every output of a layer, or for softmax to every row of channels.
///
/// Most derivatives are functions of the *output* `y`, so that a backward pass needs only the result of the
/// forward pass. Every function keeps NaN.
///
///     identity          x                                            1
///     relu              max(x, 0)                                    1 where y > 0, else 0
///     tanh              tanh(x)                                      1 - y * y
///     sigmoid           1 / (1 + exp(-x))                            y * (1 - y)
///     softmax           exp(x[c]) / sum over k of exp(x[k])          see ``softmax``
///     relu6             min(max(x, 0), 6)                            1 where 0 < y < 6, else 0
///     leakyRelu(slope)  x where x > 0, else slope * x                1 where y > 0, else slope
///     elu(alpha)        x where x > 0, else alpha * (exp(x) - 1)     1 where y > 0, else y + alpha
///     hardSigmoid       min(max(x / 6 + 1/2, 0), 1)                  1/6 where 0 < y < 1, else 0
///     hardSwish         x * hardSigmoid(x)                           see ``hardSwish``; needs the input
///     softplus          log(1 + exp(x))                              1 - exp(-y)
///     clip(min, max)    min where x < min, max where x > max         1 where min < y < max, else 0
public struct Activation: Sendable, Hashable {
  /// The functions, with their parameters.
  package enum Kind: Sendable, Hashable {
    case identity, relu, tanh, sigmoid, softmax, relu6, hardSigmoid, hardSwish, softplus
    case leakyRelu(slope: Float)
    case elu(alpha: Float)
    case clip(min: Float, max: Float)
  }

  package let kind: Kind

  private init(_ kind: Kind) { self.kind = kind }

  /// `y = x`, derivative 1.
  public static let identity = Activation(.identity)
  /// `y = max(x, 0)`, derivative 1 where `y > 0` and 0 elsewhere.
  public static let relu = Activation(.relu)
  /// `y = tanh(x)`, derivative `1 - y * y`.
  public static let tanh = Activation(.tanh)
  /// `y = 1 / (1 + exp(-x))`, derivative `y * (1 - y)`.
  public static let sigmoid = Activation(.sigmoid)
  /// `y[c] = exp(x[c]) / sum over k of exp(x[k])` along the last axis; gradient
  /// `y[c] * (g[c] - sum over k of g[k] * y[k])`.
  public static let softmax = Activation(.softmax)
  /// `y = min(max(x, 0), 6)`, derivative 1 where `0 < y < 6` and 0 elsewhere, as in PyTorch.
  public static let relu6 = Activation(.relu6)
  /// `y = min(max(x / 6 + 1/2, 0), 1)`, derivative 1/6 where `0 < y < 1` and 0 elsewhere.
  ///
  /// PyTorch's and Keras 3's definition, and ONNX's with `alpha = 1/6`. The default `alpha` of ONNX, and the
  /// slope of Keras 2, is 0.2.
  public static let hardSigmoid = Activation(.hardSigmoid)
  /// `y = x * hardSigmoid(x)`: 0 where `x <= -3`, and x where `x >= 3`.
  ///
  /// The derivative needs the input: 0 where `x <= -3`, 1 where `x >= 3`, and `x / 3 + 1/2` between. The
  /// function falls from -3 to -3/2, so it does not commute with a maximum.
  ///
  /// Howard et al., "Searching for MobileNetV3", arXiv 1905.02244.
  public static let hardSwish = Activation(.hardSwish)
  /// `y = log(1 + exp(x))`, derivative `1 / (1 + exp(-x)) = 1 - exp(-y)`.
  public static let softplus = Activation(.softplus)

  /// `y = x` where `x > 0` and `slope * x` elsewhere, derivative 1 where `y > 0` and `slope` elsewhere.
  ///
  /// - Parameter slope: finite and not negative; 0.01 in PyTorch and ONNX, 0.3 in Keras 2.
  public static func leakyRelu(slope: Float = 0.01) -> Activation { Activation(.leakyRelu(slope: slope)) }

  /// `y = x` where `x > 0` and `alpha * (exp(x) - 1)` elsewhere, derivative 1 where `y > 0` and `y + alpha`
  /// elsewhere.
  ///
  /// Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear
  /// units", arXiv 1511.07289.
  ///
  /// - Parameter alpha: finite and not negative.
  public static func elu(alpha: Float = 1) -> Activation { Activation(.elu(alpha: alpha)) }

  /// `y = min` where `x < min`, `max` where `x > max`, and x elsewhere; derivative 1 where `min < y < max` and
  /// 0 elsewhere.
  ///
  /// - Parameters:
  ///   - min: the lower bound, or negative infinity for none.
  ///   - max: the upper bound, at least `min`, or infinity for none.
  public static func clip(min: Float = -.infinity, max: Float = .infinity) -> Activation {
    Activation(.clip(min: min, max: max))
  }
}

extension Activation {
  /// Whether each output depends on one input alone.
  public var isElementwise: Bool { kind != .softmax }

  /// Whether the function is elementwise and non-decreasing, so that it commutes with a maximum.
  public var isNonDecreasing: Bool { isElementwise && kind != .hardSwish }

  /// Whether the derivative cannot be computed from the output, so that a backward pass needs the input.
  public var needsInput: Bool { kind == .hardSwish }

  /// Checks the parameters.
  ///
  /// - Throws: ``ShapeError/unsupported(_:)`` with the value that is out of range.
  package func validate() throws(ShapeError) {
    switch kind {
    case .leakyRelu(let slope) where !(slope >= 0 && slope.isFinite):
      throw .unsupported("the slope of a leaky ReLU is \(slope); it must be finite and not negative")
    case .elu(let alpha) where !(alpha >= 0 && alpha.isFinite):
      throw .unsupported("the alpha of an ELU is \(alpha); it must be finite and not negative")
    case .clip(let min, let max) where !(min <= max && min < .infinity && max > -.infinity):
      throw .unsupported("a clip has the bounds \(min) and \(max); the first must not exceed the second")
    default: break
    }
  }

  /// The function of the C kernels; softmax is applied separately because it needs whole rows.
  package var kernelFunction: ckernels_activation {
    let (function, a, b): (ckernels_function, Float, Float) =
      switch kind {
      case .identity, .softmax: (ckernels_identity, 0, 0)
      case .relu: (ckernels_relu, 0, 0)
      case .tanh: (ckernels_tanh, 0, 0)
      case .sigmoid: (ckernels_sigmoid, 0, 0)
      case .relu6: (ckernels_clip, 0, 6)
      case .hardSigmoid: (ckernels_hard_sigmoid, 0, 0)
      case .hardSwish: (ckernels_hard_swish, 0, 0)
      case .softplus: (ckernels_softplus, 0, 0)
      // 0 * -infinity is NaN, and ReLU's 0 is not.
      case .leakyRelu(slope: 0): (ckernels_relu, 0, 0)
      case .leakyRelu(let slope): (ckernels_leaky_relu, slope, 0)
      case .elu(let alpha): (ckernels_elu, alpha, 0)
      case .clip(let min, let max): (ckernels_clip, min, max)
      }
    return ckernels_activation(function: function, a: a, b: b)
  }
}
