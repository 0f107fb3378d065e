import Im2col

/// A convolution with its bias, optionally fused with the activation and max pooling that follow.
///
///     convolution --bias--> activation --> max pooling        is computed as
///     convolution --> max pooling --bias--> activation
///
/// The results are equal; see ``Epilogue``.
package struct ConvolutionDescriptor: ActivatedDescriptor {
  /// The geometry for one image.
  let geometry: ConvolutionGeometry
  let kernelStart: Int
  /// nil without a bias.
  let biasStart: Int?
  /// A batch normalization that is folded into kernel and bias, for inference.
  var normalization: Normalization?
  package var activation = Activation.identity
  var pooling: PoolingGeometry?

  init(geometry: ConvolutionGeometry, kernelStart: Int, biasStart: Int?) {
    (self.geometry, self.kernelStart, self.biasStart) = (geometry, kernelStart, biasStart)
  }

  package var outputCount: Int { pooling?.outputPerImage ?? geometry.outputCount }
  package var workingCount: Int { geometry.outputCount }

  package var trainableRanges: [Range<Int>] {
    [kernelStart..<kernelStart + geometry.kernelCount]
      + (biasStart.map { [$0..<$0 + geometry.outputChannels] } ?? [])
  }

  package func fused(
    with next: any OpDescriptor, atInput input: Int, _ purpose: OpPurpose
  ) -> (any OpDescriptor)? {
    var fused = self
    if let next = next as? BatchNormalizationDescriptor, !purpose.trains, activation == .identity,
      pooling == nil, normalization == nil, !next.hasResidual, next.activation == .identity
    {
      fused.normalization = next.normalization
      return fused
    }
    if let next = next as? PoolingDescriptor, next.mode == .max, pooling == nil, activation.isNonDecreasing,
      next.geometry.window.taps <= ConvolutionOp.maxTaps
    {
      fused.pooling = next.geometry
      return fused
    }
    return activated(by: next, purpose)
  }

  package func makeOp(_ settings: OpSettings) -> any Op {
    ConvolutionOp(self, settings)
  }
}
