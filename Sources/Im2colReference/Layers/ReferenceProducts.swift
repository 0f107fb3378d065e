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

/// The output is the input gradient of a convolution whose output has the shape of the input.
extension TransposedConvolutionLayer: ReferenceActivatedLayer {
  private func geometry(_ run: ReferenceRun) throws(ShapeError) -> ConvolutionGeometry {
    let output = try plan(for: [Array(run.input.shape.dropFirst())]).outputShape
    return try ConvolutionGeometry(
      input: [run.input.shape[0]] + output, kernel: run.parameters[0].shape, stride: stride,
      dilation: dilation, groups: groups, padding: padding)
  }

  package func sums(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor {
    var result = LoopNestConvolution.inputGradient(
      of: run.input, kernel: run.parameters[0], try geometry(run)
    ).sums
    guard useBias else { return result }
    for index in result.scalars.indices {
      result.scalars[index] += run.parameters[1].scalars[index % filters]
    }
    return result
  }

  package func gradients(
    ofSums gradient: DoubleTensor, _ run: ReferenceRun
  ) throws(ShapeError) -> ReferenceGradients {
    let geometry = try geometry(run)
    let kernel = LoopNestConvolution.kernelGradient(of: run.input, input: gradient, geometry).sums
    let bias = LoopNestConvolution.biasGradient(of: gradient).sums
    return ReferenceGradients(
      inputs: [LoopNestConvolution.forward(input: gradient, kernel: run.parameters[0], geometry).sums],
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
