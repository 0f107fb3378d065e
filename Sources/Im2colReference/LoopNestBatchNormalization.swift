import Im2col

/// Batch normalization in Double, by algorithms 1 and 2 of Ioffe and Szegedy (2015).
package struct LoopNestBatchNormalization {
  /// `[channels]`.
  package let gamma, beta: DoubleTensor
  package let epsilon: Double

  /// The mean and the variance of every channel, `[channels]`; the variance divides by the number of pixels.
  package struct Statistics {
    package var mean, variance: DoubleTensor
  }

  package init(gamma: DoubleTensor, beta: DoubleTensor, epsilon: Double) {
    (self.gamma, self.beta, self.epsilon) = (gamma, beta, epsilon)
  }

  /// Returns the statistics of `[..., channels]` in two passes.
  package static func statistics(of input: DoubleTensor) -> Statistics {
    let channels = input.shape[input.shape.count - 1]
    let pixels = Double(input.count / channels)
    var result = Statistics(mean: DoubleTensor(zeros: [channels]), variance: DoubleTensor(zeros: [channels]))
    for (index, x) in input.scalars.enumerated() { result.mean.scalars[index % channels] += x / pixels }
    for (index, x) in input.scalars.enumerated() {
      let difference = x - result.mean.scalars[index % channels]
      result.variance.scalars[index % channels] += difference * difference / pixels
    }
    return result
  }

  /// Returns `(input - mean) / sqrt(variance + epsilon)`.
  private func normalized(_ input: DoubleTensor, _ statistics: Statistics) -> DoubleTensor {
    var result = input
    for index in result.scalars.indices {
      let c = index % gamma.count
      result.scalars[index] =
        (input.scalars[index] - statistics.mean.scalars[c])
        / (statistics.variance.scalars[c] + epsilon).squareRoot()
    }
    return result
  }

  /// Normalizes `[..., channels]` by given statistics.
  package func forward(_ input: DoubleTensor, _ statistics: Statistics) -> DoubleTensor {
    var result = normalized(input, statistics)
    for index in result.scalars.indices {
      let c = index % gamma.count
      result.scalars[index] = gamma.scalars[c] * result.scalars[index] + beta.scalars[c]
    }
    return result
  }

  /// Returns the gradients of a normalization by the statistics of the input, which depend on every pixel:
  ///
  ///     z = normalized x, n pixels:   x gradient = gamma / sqrt(variance + epsilon)
  ///                                                * (g - mean of g - z * mean of g * z)
  package func gradients(
    of outputGradient: DoubleTensor, input: DoubleTensor
  ) -> (input: DoubleTensor, gamma: DoubleTensor, beta: DoubleTensor) {
    let statistics = LoopNestBatchNormalization.statistics(of: input)
    let z = normalized(input, statistics)
    let pixels = Double(input.count / gamma.count)
    var (gammaGradient, betaGradient) = (DoubleTensor(zeros: gamma.shape), DoubleTensor(zeros: beta.shape))
    for (index, g) in outputGradient.scalars.enumerated() {
      gammaGradient.scalars[index % gamma.count] += g * z.scalars[index]
      betaGradient.scalars[index % gamma.count] += g
    }
    var inputGradient = outputGradient
    for (index, g) in outputGradient.scalars.enumerated() {
      let c = index % gamma.count
      inputGradient.scalars[index] =
        gamma.scalars[c] / (statistics.variance.scalars[c] + epsilon).squareRoot()
        * (g - betaGradient.scalars[c] / pixels - z.scalars[index] * gammaGradient.scalars[c] / pixels)
    }
    return (inputGradient, gammaGradient, betaGradient)
  }
}
