import Im2col

/// A convolution with its bias, and what could be fused behind it: an activation and a maximum over windows.
///
///     convolution --bias--> activation --> maximum        is computed as
///     convolution --> maximum --bias--> activation        with the last two on a quarter of the numbers
///
/// The same numbers, because adding a bias and a monotonic function keep the order.
package struct ConvolutionBlueprint: StepBlueprint {
  /// For one image.
  let geometry: ConvolutionGeometry
  let kernelStart, biasStart: Int
  var activation = Activation.identity
  var pooling: PoolingGeometry?

  init(geometry: ConvolutionGeometry, kernelStart: Int, biasStart: Int) {
    (self.geometry, self.kernelStart, self.biasStart) = (geometry, kernelStart, biasStart)
  }

  package var outputCount: Int { pooling?.outputPerImage ?? geometry.outputCount }
  package var workingCount: Int { geometry.outputCount }

  package func absorbing(_ next: any StepBlueprint) -> (any StepBlueprint)? {
    var fused = self
    if let next = next as? ActivationBlueprint, activation == .identity, next.activation.isMonotonic {
      fused.activation = next.activation
      return fused
    }
    if let next = next as? PoolingBlueprint, next.mode == .max, pooling == nil,
      next.geometry.window.taps <= PooledConvolutionStep.mostTaps
    {
      fused.pooling = next.geometry
      return fused
    }
    return nil
  }

  package func step(_ settings: StepSettings) -> any Step {
    if let pooling { PooledConvolutionStep(self, pooling, settings) } else { ConvolutionStep(self, settings) }
  }
}
