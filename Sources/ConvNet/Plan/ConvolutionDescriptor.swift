import Im2col

/// A convolution with its bias, optionally fused with the activation and max pooling that follow.
///
///     convolution --bias--> activation --> max pooling        is computed as
///     convolution --> max pooling --bias--> activation
///
/// The results are equal; see ``Epilogue``.
package struct ConvolutionDescriptor: OpDescriptor {
  /// The geometry for one image.
  let geometry: ConvolutionGeometry
  let kernelStart, biasStart: Int
  var activation = Activation.identity
  var pooling: PoolingGeometry?

  init(geometry: ConvolutionGeometry, kernelStart: Int, biasStart: Int) {
    (self.geometry, self.kernelStart, self.biasStart) = (geometry, kernelStart, biasStart)
  }

  package var outputCount: Int { pooling?.outputPerImage ?? geometry.outputCount }
  package var workingCount: Int { geometry.outputCount }

  package func fused(with next: any OpDescriptor) -> (any OpDescriptor)? {
    var fused = self
    if let next = next as? ActivationDescriptor, activation == .identity, next.activation.isNonDecreasing {
      fused.activation = next.activation
      return fused
    }
    if let next = next as? PoolingDescriptor, next.mode == .max, pooling == nil,
      next.geometry.window.taps <= ConvolutionOp.maxTaps
    {
      fused.pooling = next.geometry
      return fused
    }
    return nil
  }

  package func makeOp(_ settings: OpSettings) -> any Op {
    ConvolutionOp(self, settings)
  }
}
