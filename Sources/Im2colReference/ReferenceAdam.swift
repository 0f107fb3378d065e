/// Adam in Double, in the form at the end of section 2 of Kingma and Ba (2015), with the bias corrections in
/// the step size but not in epsilon, after the decoupled weight decay of Loshchilov and Hutter (2019).
///
///     w = w - rate * decay * w
///     m = beta1 * m + (1 - beta1) * g
///     v = beta2 * v + (1 - beta2) * g * g
///     w = w - rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
package struct ReferenceAdam: Sendable {
  package var learningRate = 0.001
  package var beta1 = 0.9
  package var beta2 = 0.999
  package var epsilon = 1e-7
  package var weightDecay = 0.0

  private var firstMoments: [[Double]] = []
  private var secondMoments: [[Double]] = []
  private var power1 = 1.0
  private var power2 = 1.0

  package init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    weightDecay: Double = 0
  ) {
    (self.learningRate, self.beta1, self.beta2, self.epsilon) = (learningRate, beta1, beta2, epsilon)
    self.weightDecay = weightDecay
  }

  /// Performs one step.
  package mutating func update(_ parameters: inout [DoubleTensor], gradients: [DoubleTensor]) {
    if firstMoments.isEmpty {
      firstMoments = parameters.map { [Double](repeating: 0, count: $0.count) }
      secondMoments = firstMoments
    }
    power1 *= beta1
    power2 *= beta2
    let rate = learningRate * (1 - power2).squareRoot() / (1 - power1)
    for p in parameters.indices {
      for (i, g) in gradients[p].scalars.enumerated() {
        parameters[p].scalars[i] -= learningRate * weightDecay * parameters[p].scalars[i]
        firstMoments[p][i] = beta1 * firstMoments[p][i] + (1 - beta1) * g
        secondMoments[p][i] = beta2 * secondMoments[p][i] + (1 - beta2) * g * g
        parameters[p].scalars[i] -= rate * firstMoments[p][i] / (secondMoments[p][i].squareRoot() + epsilon)
      }
    }
  }
}
