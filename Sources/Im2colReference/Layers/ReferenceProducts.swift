import ConvNet
import Im2col

// The layers that compute products of inputs and parameters: kernel, and bias if there is one.

extension ConvolutionLayer: ReferenceActivatedLayer {
  private func geometry(_ run: ReferenceRun) throws(ShapeError) -> ConvolutionGeometry {
    try ConvolutionGeometry(
      input: run.input.shape, kernel: run.parameters[0].shape, stride: stride, dilation: dilation,
      groups: groups, padding: padding)
  }

  package func sums(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor {
    LoopNestConvolution.forward(
      input: run.input, kernel: run.parameters[0], bias: run.parameters.dropFirst().first, try geometry(run)
    ).sums
  }

  package func gradients(
    ofSums gradient: DoubleTensor, _ run: ReferenceRun
  ) throws(ShapeError) -> ReferenceGradients {
    let geometry = try geometry(run)
    let kernel = LoopNestConvolution.kernelGradient(of: gradient, input: run.input, geometry).sums
    let bias = LoopNestConvolution.biasGradient(of: gradient).sums
    return ReferenceGradients(
      inputs: [LoopNestConvolution.inputGradient(of: gradient, kernel: run.parameters[0], geometry).sums],
      parameters: useBias ? [kernel, bias] : [kernel])
  }
}

extension DenseLayer: ReferenceActivatedLayer {
  package func sums(_ run: ReferenceRun) -> DoubleTensor {
    LoopNestDense.forward(
      input: run.input, kernel: run.parameters[0], bias: run.parameters.dropFirst().first
    ).sums
  }

  package func gradients(ofSums gradient: DoubleTensor, _ run: ReferenceRun) -> ReferenceGradients {
    let kernel = LoopNestDense.multiply(run.input, gradient, transposeLeft: true).sums
    let bias = LoopNestConvolution.biasGradient(of: gradient).sums
    return ReferenceGradients(
      inputs: [LoopNestDense.multiply(gradient, run.parameters[0], transposeRight: true).sums],
      parameters: useBias ? [kernel, bias] : [kernel])
  }
}
