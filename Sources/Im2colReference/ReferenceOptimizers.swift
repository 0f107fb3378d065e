/// One update of gradient descent and of RMSprop in Double, by their definitions.
package enum ReferenceOptimizers {
  /// Gradient descent in Keras' form; `velocity` is 0 before the first update.
  package static func sgd(
    _ parameters: inout [Double], velocity: inout [Double], gradient: [Double], rate: Double,
    momentum: Double,
    nesterov: Bool = false, weightDecay: Double = 0
  ) {
    for i in parameters.indices {
      let g = gradient[i] + weightDecay * parameters[i]
      velocity[i] = momentum * velocity[i] - rate * g
      parameters[i] += nesterov ? momentum * velocity[i] - rate * g : velocity[i]
    }
  }

  /// Gradient descent with Nesterov's momentum in PyTorch's form; `buffer` is 0 before the first update.
  package static func pytorchNesterov(
    _ parameters: inout [Double], buffer: inout [Double], gradient: [Double], rate: Double, momentum: Double
  ) {
    for i in parameters.indices {
      buffer[i] = momentum * buffer[i] + gradient[i]
      parameters[i] -= rate * (gradient[i] + momentum * buffer[i])
    }
  }

  /// RMSprop in Keras' form; `meanSquares` and `velocity` are 0 before the first update.
  package static func rmsprop(
    _ parameters: inout [Double], meanSquares: inout [Double], velocity: inout [Double], gradient: [Double],
    rate: Double, rho: Double, momentum: Double, epsilon: Double, weightDecay: Double
  ) {
    for i in parameters.indices {
      parameters[i] -= rate * weightDecay * parameters[i]
      meanSquares[i] = rho * meanSquares[i] + (1 - rho) * gradient[i] * gradient[i]
      velocity[i] = momentum * velocity[i] + rate * gradient[i] / (meanSquares[i] + epsilon).squareRoot()
      parameters[i] -= velocity[i]
    }
  }
}
