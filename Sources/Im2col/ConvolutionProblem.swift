/// One pass of one convolution: what a lowering has to compute, and with how much scratch.
package struct ConvolutionProblem: Sendable, Hashable {
  /// The three passes of a convolution.
  package enum Pass: String, Sendable, CaseIterable { case forward, inputGradient, kernelGradient }

  package var geometry: ConvolutionGeometry
  package var pass: Pass
  /// The windows of the max pooling over the output of one image; nil without pooling.
  ///
  /// A forward pass then writes pooled rows. A gradient pass receives the gradient of the pooled rows.
  package var pooling: WindowGeometry?
  /// Scalars of scratch that one unit may use.
  package var scratchFloats: Int

  package init(
    _ geometry: ConvolutionGeometry, _ pass: Pass, pooling: WindowGeometry? = nil,
    scratchBytes: Int = ComputeOptions.defaultScratchBytes
  ) {
    (self.geometry, self.pass, self.pooling) = (geometry, pass, pooling)
    scratchFloats =
      max(scratchBytes, ComputeOptions.smallestScratchBytes) / MemoryLayout<Float>.stride
  }

  /// Returns the problem without its pooling.
  func withoutPooling() -> ConvolutionProblem {
    var problem = self
    problem.pooling = nil
    return problem
  }

  /// The forward pass that computes an input gradient at stride 1; see ``RotatedInputGradient``.
  func rotated() -> ConvolutionProblem {
    var problem = withoutPooling()
    (problem.geometry, problem.pass) = (RotatedInputGradient.rotated(geometry), .forward)
    return problem
  }
}
