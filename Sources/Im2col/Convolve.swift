import CKernels

/// Convolves a batch of images (a cross-correlation, as in every neural network library).
///
///     output[b, i, j, o] = activation(bias[o] + sum over u, v, c of
///         input[b, i * stride - top + u * dilation, j * stride - left + v * dilation, c] * kernel[u, v, c, o])
///
/// The convolution becomes matrix products (Chellapilla, Puri and Simard, "High Performance Convolutional
/// Neural Networks for Document Processing", 2006), without building the whole column matrix. Depending on
/// the shape, windows are gathered, read in place, or transformed (Winograd); depthwise layers are summed
/// without a product. See ``Lowering``. The kernel is multiplied by the zeros of the padding, so NaN and
/// infinity in a kernel reach the outputs at the border.
///
/// - Parameters:
///   - input: `[batch, height, width, inputChannels]`; an empty batch gives an empty output.
///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
///   - bias: `[outputChannels]`, or nil for none.
///   - activation: applied to every output after the bias.
///   - padding: the rule that pads the image with zeros.
///   - stride: the distance between windows, in rows and columns.
///   - dilation: the distance between taps, in rows and columns; 1 means adjacent taps.
///   - groups: the number of independent groups of channels.
///   - options: workers, scratch budget and lowering.
/// - Returns: `[batch, outputHeight, outputWidth, outputChannels]`.
/// - Throws: ``EngineError/shape(_:)`` with the conflicting numbers, or the parameter of the activation that is
///   out of range; ``EngineError/blas(_:)`` if this process's OpenBLAS is not usable.
/// - Complexity: `2 * pixels * patchLength * outputChannels` operations; at most `options.scratchBytes` of
///   scratch per worker, plus the memory that the lowering shares between workers.
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
  try Convolution(geometry, options: options, planning: [.forward]).forward(
    input, kernel: kernel, bias: bias, activation: activation, into: &output)
  return output
}

/// Returns the gradients of a convolution without activation, given the output gradient.
///
///     kernelGradient[u, v, c, o] = sum over b, i, j of input[b, i', j', c] * outputGradient[b, i, j, o]
///     inputGradient[b, i', j', c] = sum over i, j, u, v, o of kernel[u, v, c, o] * outputGradient[b, i, j, o]
///     biasGradient[o] = sum over b, i, j of outputGradient[b, i, j, o]
///
/// where `i' = i * stride - top + u * dilation` and `j'` likewise; the second sum has only the
/// terms that give `i'` and `j'`. The sums over the batch are not divided by its size.
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
/// - Returns: gradients in the shapes of the input, the kernel and the bias (`[outputChannels]`). An empty
///   batch gives an empty input gradient, and zeros for the others.
/// - Throws: ``EngineError/shape(_:)`` with the conflicting numbers; ``EngineError/blas(_:)`` if OpenBLAS
///   is not usable.
/// - Complexity: twice the number of operations of the forward pass.
public func convolutionGradients(
  of outputGradient: Tensor, input: Tensor, kernel: Tensor, padding: Padding = .same, stride: Size2D = 1,
  dilation: Size2D = 1, groups: Int = 1, options: ComputeOptions = .default
) throws(EngineError) -> (input: Tensor, kernel: Tensor, bias: Tensor) {
  let geometry = try EngineError.shapes { () throws(ShapeError) in
    try ConvolutionGeometry(
      input: input.shape, kernel: kernel.shape, stride: stride, dilation: dilation, groups: groups,
      padding: padding)
  }
  let convolution = Convolution(
    geometry, options: options, planning: [.inputGradient, .kernelGradient])
  var inputGradient = Tensor(zeros: geometry.inputShape)
  var kernelGradient = Tensor(zeros: geometry.kernelShape)
  var biasGradient = Tensor(zeros: [geometry.outputChannels])
  try convolution.inputGradient(of: outputGradient, kernel: kernel, into: &inputGradient)
  try convolution.kernelGradient(of: outputGradient, input: input, into: &kernelGradient)
  try convolution.biasGradient(of: outputGradient, into: &biasGradient)
  return (inputGradient, kernelGradient, biasGradient)
}
