import Im2col

/// A convolution with its bias, and what could be fused behind it: an activation and a maximum over windows.
///
///     convolution --bias--> activation --> maximum        is computed as
///     convolution --> maximum --bias--> activation        with the last two on a quarter of the numbers
///
/// The same numbers, because adding a bias and a monotonic function keep the order.
package struct ConvolutionDescriptor: OpDescriptor {
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

  package func absorbing(_ next: any OpDescriptor) -> (any OpDescriptor)? {
    var fused = self
    if let next = next as? ActivationDescriptor, activation == .identity, next.activation.isMonotonic {
      fused.activation = next.activation
      return fused
    }
    if let next = next as? PoolingDescriptor, next.mode == .max, pooling == nil,
      next.geometry.window.taps <= PooledConvolutionOp.maxTaps
    {
      fused.pooling = next.geometry
      return fused
    }
    return nil
  }

  package func op(_ settings: OpSettings) -> any Op {
    if let pooling { PooledConvolutionOp(self, pooling, settings) } else { ConvolutionOp(self, settings) }
  }
}
