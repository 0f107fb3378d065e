import Glibc
import Im2col

/// Activations in Double, with gradients computed from the output as in `Activation`.
package enum LoopNestActivations {
  /// Applies an activation to `[..., channels]`.
  package static func forward(_ activation: Activation, _ input: DoubleTensor) -> DoubleTensor {
    switch activation {
    case .identity: input
    case .relu: input.map { $0 > 0 || $0.isNaN ? $0 : 0 }
    case .tanh: input.map { tanh($0) }
    case .sigmoid: input.map { 1 / (1 + exp(-$0)) }
    case .softmax:
      rows(of: input).reduce(into: DoubleTensor(shape: input.shape, scalars: [])) { result, row in
        // Subtracting the largest logit keeps the ratios and prevents overflow.
        let top = row.max() ?? 0
        let powers = row.map { exp($0 - top) }
        let total = powers.reduce(0, +)
        result.scalars += powers.map { $0 / total }
      }
    }
  }

  /// Returns the input gradient, given the output gradient and the output, all `[..., channels]`.
  package static func gradient(
    _ activation: Activation, of outputGradient: DoubleTensor, output: DoubleTensor
  ) -> DoubleTensor {
    var result = outputGradient
    for (index, y) in output.scalars.enumerated() {
      let g = outputGradient.scalars[index]
      switch activation {
      case .identity: result.scalars[index] = g
      case .relu: result.scalars[index] = y > 0 ? g : 0
      case .tanh: result.scalars[index] = g * (1 - y * y)
      case .sigmoid: result.scalars[index] = g * y * (1 - y)
      case .softmax:
        let channels = output.shape[output.shape.count - 1]
        let row = index / channels * channels
        let mean = (row..<row + channels).map { outputGradient.scalars[$0] * output.scalars[$0] }.reduce(0, +)
        result.scalars[index] = y * (g - mean)
      }
    }
    return result
  }

  /// The inputs at which the derivative jumps.
  package static func kinks(_ activation: Activation) -> [Double] {
    activation == .relu ? [0] : []
  }

  /// Returns the rows of channels.
  static func rows(of tensor: DoubleTensor) -> [[Double]] {
    let channels = tensor.shape[tensor.shape.count - 1]
    return stride(from: 0, to: tensor.count, by: channels).map { Array(tensor.scalars[$0..<$0 + channels]) }
  }
}
