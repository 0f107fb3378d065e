import Glibc
import Im2col

/// Activations in Double, with gradients computed from the output as in `Activation`, or from the input.
package enum LoopNestActivations {
  /// Every function, those with parameters at several values.
  package static let samples: [Activation] =
    Activation.withoutParameters + [
      .leakyRelu(), .leakyRelu(slope: 0), .leakyRelu(slope: 1.5), .elu(), .elu(alpha: 0.25), .elu(alpha: 0),
      .clip(min: -0.5, max: 1.25), .clip(max: 1), .clip(),
    ]

  /// Applies an activation to `[..., channels]`.
  package static func forward(_ activation: Activation, _ input: DoubleTensor) -> DoubleTensor {
    guard activation.isElementwise else {
      return rows(of: input).reduce(into: DoubleTensor(shape: input.shape, scalars: [])) { result, row in
        // Subtracting the largest logit keeps the ratios and prevents overflow.
        let top = row.max() ?? 0
        let powers = row.map { exp($0 - top) }
        let total = powers.reduce(0, +)
        result.scalars += powers.map { $0 / total }
      }
    }
    return input.map { value(activation, $0) }
  }

  /// f(x) of an elementwise activation; NaN stays NaN.
  private static func value(_ activation: Activation, _ x: Double) -> Double {
    if x.isNaN { return x }
    return switch activation.kind {
    case .identity, .softmax: x
    case .relu: max(x, 0)
    case .tanh: tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .relu6: min(max(x, 0), 6)
    case .leakyRelu(let slope): x > 0 ? x : slope == 0 ? 0 : Double(slope) * x
    case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
    case .hardSigmoid: min(max(x / 6 + 0.5, 0), 1)
    case .hardSwish: x <= -3 ? 0 : x * min(x / 6 + 0.5, 1)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .clip(let least, let largest): min(max(x, Double(least)), Double(largest))
    }
  }

  /// Returns the input gradient, given the output gradient and the input, all `[..., channels]`.
  package static func gradient(
    _ activation: Activation, of outputGradient: DoubleTensor, input: DoubleTensor
  ) -> DoubleTensor {
    guard activation.needsInput else {
      return gradient(activation, of: outputGradient, output: forward(activation, input))
    }
    var result = outputGradient
    for (index, x) in input.scalars.enumerated() {
      result.scalars[index] *= x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5
    }
    return result
  }

  /// Returns the input gradient, given the output gradient and the output, all `[..., channels]`.
  ///
  /// - Precondition: the derivative follows from the output.
  package static func gradient(
    _ activation: Activation, of outputGradient: DoubleTensor, output: DoubleTensor
  ) -> DoubleTensor {
    precondition(!activation.needsInput, "the derivative of \(activation) needs the input")
    var result = outputGradient
    for (index, y) in output.scalars.enumerated() {
      let g = outputGradient.scalars[index]
      if activation.isElementwise {
        result.scalars[index] = g * derivative(activation, output: y)
        continue
      }
      let channels = output.shape[output.shape.count - 1]
      let row = index / channels * channels
      let mean = (row..<row + channels).map { outputGradient.scalars[$0] * output.scalars[$0] }.reduce(0, +)
      result.scalars[index] = y * (g - mean)
    }
    return result
  }

  /// The inputs at which the derivative jumps.
  package static func kinks(_ activation: Activation) -> [Double] {
    switch activation.kind {
    case .relu, .leakyRelu: [0]
    case .elu(let alpha): alpha == 1 ? [] : [0]
    case .relu6: [0, 6]
    case .hardSigmoid, .hardSwish: [-3, 3]
    case .clip(let least, let largest): [Double(least), Double(largest)]
    case .identity, .tanh, .sigmoid, .softmax, .softplus: []
    }
  }

  /// f' of an elementwise activation, from its output.
  private static func derivative(_ activation: Activation, output y: Double) -> Double {
    if y.isNaN { return y }
    return switch activation.kind {
    case .identity, .softmax, .hardSwish: 1
    case .relu: y > 0 ? 1 : 0
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    case .relu6: y > 0 && y < 6 ? 1 : 0
    case .leakyRelu(let slope): y > 0 ? 1 : Double(slope)
    case .elu(let alpha): y > 0 ? 1 : y + Double(alpha)
    case .hardSigmoid: y > 0 && y < 1 ? 1.0 / 6 : 0
    case .softplus: -expm1(-y)
    case .clip(let least, let largest): y > Double(least) && y < Double(largest) ? 1 : 0
    }
  }

  /// Returns the rows of channels.
  static func rows(of tensor: DoubleTensor) -> [[Double]] {
    let channels = tensor.shape[tensor.shape.count - 1]
    return stride(from: 0, to: tensor.count, by: channels).map { Array(tensor.scalars[$0..<$0 + channels]) }
  }
}
