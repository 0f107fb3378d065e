import CKernels

/// Convolves a batch of images: cross-correlation, as neural networks use the word.
///
///     output[b, i, j, o] = activation(bias[o] + sum over u, v, c of
///         input[b, i * stride - top + u * dilation, j * stride - left + v * dilation, c] * kernel[u, v, c, o])
///
/// Computed as matrix products of tiles of columns (Chellapilla, Puri and Simard, "High Performance
/// Convolutional Neural Networks for Document Processing", 2006), never of the whole column matrix; by shape, columns
/// are laid out, read where they lie in the image, or replaced by Winograd's transforms: see ``Lowering``.
/// Padding counts as zeros that are multiplied: where a kernel holds NaN or infinity, so do the outputs
/// at the border (but for depthwise layers, whose taps outside the image are skipped).
///
/// - Parameters:
///   - input: `[batch, height, width, inputChannels]`; an empty batch gives an empty output.
///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
///   - bias: `[outputChannels]`, or nil for none.
///   - activation: applied to every output behind the bias.
///   - padding: which zeros surround the image.
///   - stride: rows and columns between windows.
///   - dilation: rows and columns between taps; 1 is a dense kernel.
///   - groups: slices of the channels that do not see each other.
///   - options: workers, scratch budget and lowering.
/// - Returns: `[batch, outputHeight, outputWidth, outputChannels]`.
/// - Throws: `EngineError.shape` with the numbers that clash; `EngineError.blas` when this process'
///   OpenBLAS must not be used.
/// - Complexity: `2 * pixels * patchLength * outputChannels` operations; scratch of at most
///   `options.scratchBytes` a worker, plus what the lowering prepares.
public func convolve(
  _ input: Tensor, kernel: Tensor, bias: Tensor? = nil, activation: Activation = .identity,
  padding: Padding = .same, stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try EngineError.shapes { () throws(ShapeError) in
    try ConvolutionGeometry(
      input: input.shape, kernel: kernel.shape, stride: stride, dilation: dilation, groups: groups,
      padding: padding)
  }
  var output = Tensor(zeros: geometry.outputShape)
  try Convolution(geometry, options: options).forward(
    input, kernel: kernel, bias: bias, activation: activation, into: &output)
  return output
}

/// The gradients of a convolution without activation, given the gradient of its output.
///
///     kernelGradient[u, v, c, o] = sum over b, i, j of input[b, i', j', c] * outputGradient[b, i, j, o]
///     inputGradient[b, i', j', c] = sum over u, v, o of kernel[u, v, c, o] * outputGradient[b, i, j, o]
///     biasGradient[o] = sum over b, i, j of outputGradient[b, i, j, o]
///
/// with `i' = i * stride - top + u * dilation` and `j'` likewise. Sums run over the batch; nothing is
/// divided by its size.
///
/// - Parameters:
///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
///   - input: `[batch, height, width, inputChannels]`, as in the forward pass.
///   - kernel: `[height, width, inputChannels / groups, outputChannels]`, as in the forward pass.
///   - padding: as in the forward pass.
///   - stride: as in the forward pass.
///   - dilation: as in the forward pass.
///   - groups: as in the forward pass.
///   - options: workers, scratch budget and lowering.
/// - Returns: gradients in the shapes of the input, the kernel and the bias (`[outputChannels]`); an
///   empty batch gives an empty input gradient and zeros.
/// - Throws: `EngineError.shape` when shapes clash; `EngineError.blas` when OpenBLAS must not be used.
/// - Complexity: twice the operations of the forward pass.
public func convolutionGradients(
  of outputGradient: Tensor, input: Tensor, kernel: Tensor, padding: Padding = .same, stride: Size2D = 1,
  dilation: Size2D = 1, groups: Int = 1, options: ComputeOptions = .default
) throws(EngineError) -> (input: Tensor, kernel: Tensor, bias: Tensor) {
  let geometry = try EngineError.shapes { () throws(ShapeError) in
    try ConvolutionGeometry(
      input: input.shape, kernel: kernel.shape, stride: stride, dilation: dilation, groups: groups,
      padding: padding)
  }
  let convolution = Convolution(geometry, options: options)
  var inputGradient = Tensor(zeros: geometry.inputShape)
  var kernelGradient = Tensor(zeros: geometry.kernelShape)
  var biasGradient = Tensor(zeros: [geometry.outputChannels])
  try convolution.inputGradient(of: outputGradient, kernel: kernel, into: &inputGradient)
  try convolution.kernelGradient(of: outputGradient, input: input, into: &kernelGradient)
  try convolution.biasGradient(of: outputGradient, into: &biasGradient)
  return (inputGradient, kernelGradient, biasGradient)
}
