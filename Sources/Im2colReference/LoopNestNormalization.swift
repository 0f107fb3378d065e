import Glibc

/// Local response normalization in Double, by its definition in section 3.3 of Krizhevsky et al. (2012).
package struct LoopNestNormalization: Sendable {
  /// Neighboring channels in a sum; an even number has one more before the center than after it.
  package let size: Int
  package let k, alpha, beta: Double

  package init(size: Int = 5, k: Double = 2, alpha: Double = 1e-4, beta: Double = 0.75) {
    (self.size, self.k, self.alpha, self.beta) = (size, k, alpha, beta)
  }

  /// Returns the channels that are summed for channel `c`.
  private func window(_ c: Int, of channels: Int) -> ClosedRange<Int> {
    max(0, c - size / 2)...min(channels - 1, c + (size - 1) / 2)
  }

  /// Returns `k + alpha * sum` for one channel of the row that starts at `row`.
  private func base(_ input: DoubleTensor, _ row: Int, _ c: Int, of channels: Int) -> Double {
    var sum = 0.0
    for j in window(c, of: channels) { sum += input.scalars[row + j] * input.scalars[row + j] }
    return k + alpha * sum
  }

  /// Normalizes `[..., channels]`.
  package func forward(_ input: DoubleTensor) -> DoubleTensor {
    var result = input
    forEach(input) { row, c, channels in
      result.scalars[row + c] = input.scalars[row + c] * pow(base(input, row, c, of: channels), -beta)
    }
    return result
  }

  /// Returns the input gradient: the contributions of each output to the inputs of its window.
  package func gradient(of outputGradient: DoubleTensor, input: DoubleTensor) -> DoubleTensor {
    var result = DoubleTensor(zeros: input.shape)
    forEach(input) { row, c, channels in
      let (g, x, s) = (
        outputGradient.scalars[row + c], input.scalars[row + c], base(input, row, c, of: channels)
      )
      result.scalars[row + c] += g * pow(s, -beta)
      for j in window(c, of: channels) {
        result.scalars[row + j] -= g * x * beta * pow(s, -beta - 1) * 2 * alpha * input.scalars[row + j]
      }
    }
    return result
  }

  private func forEach(_ input: DoubleTensor, _ body: (_ row: Int, _ c: Int, _ channels: Int) -> Void) {
    guard let channels = input.shape.last, channels > 0 else { return }
    for row in stride(from: 0, to: input.count, by: channels) {
      for c in 0..<channels { body(row, c, channels) }
    }
  }
}
