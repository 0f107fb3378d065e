import Im2col

/// The operands of a convolution and its gradients.
package struct ConvolutionOperands: Sendable {
  package var input: DoubleTensor
  package var kernel: DoubleTensor
  package var bias: DoubleTensor
  package var outputGradient: DoubleTensor

  package init(
    input: DoubleTensor, kernel: DoubleTensor, bias: DoubleTensor, outputGradient: DoubleTensor
  ) {
    (self.input, self.kernel, self.bias, self.outputGradient) = (input, kernel, bias, outputGradient)
  }

  /// Computes the forward pass and all three gradients by the loop nest.
  package func results(_ geometry: ConvolutionGeometry) -> ConvolutionResults {
    ConvolutionResults(
      output: LoopNestConvolution.forward(input: input, kernel: kernel, bias: bias, geometry),
      inputGradient: LoopNestConvolution.inputGradient(of: outputGradient, kernel: kernel, geometry),
      kernelGradient: LoopNestConvolution.kernelGradient(of: outputGradient, input: input, geometry),
      biasGradient: LoopNestConvolution.biasGradient(of: outputGradient))
  }
}

/// The results of a convolution and its gradients.
package struct ConvolutionResults: Sendable {
  package let output: SumsOfProducts
  package let inputGradient: SumsOfProducts
  package let kernelGradient: SumsOfProducts
  package let biasGradient: SumsOfProducts

  /// All four results.
  package var all: [SumsOfProducts] { [output, inputGradient, kernelGradient, biasGradient] }
}
