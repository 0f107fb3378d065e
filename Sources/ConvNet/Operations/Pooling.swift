import Im2col

/// Maxima or means of windows of a batch of images.
///
///     max      output[b, i, j, c] = max over (u, v) on the image of input[b, i*stride-top+u, j*stride-left+v, c]
///     average  the mean of the same numbers: padding is neither summed nor counted
///
/// NaN in a window makes its maximum NaN.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`; an empty batch gives an empty output.
///   - mode: maximum or mean.
///   - window: rows and columns of a window.
///   - stride: steps between windows.
///   - padding: which rows and columns surround the image.
///   - options: the workers that share the images.
/// - Returns: `[batch, outputHeight, outputWidth, channels]`.
/// - Throws: `EngineError.shape` when a size is out of range, a window does not fit, or one would see
///   nothing but padding.
/// - Complexity: a comparison or an addition for every tap of every window.
public func pool(
  _ input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D, padding: Padding = .valid,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
  var output = Tensor(zeros: geometry.outputShape)
  geometry.pool(input, mode, into: &output, options: options)
  return output
}

/// The same into storage that the caller owns; see the form that returns a tensor.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`.
///   - mode: maximum or mean.
///   - window: rows and columns of a window.
///   - stride: steps between windows.
///   - padding: which rows and columns surround the image.
///   - output: `[batch, outputHeight, outputWidth, channels]`; overwritten.
///   - options: the workers that share the images.
/// - Throws: also when `output` has another shape; nothing is written then.
public func pool(
  _ input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D, padding: Padding = .valid,
  into output: inout Tensor, options: ComputeOptions = .default
) throws(EngineError) {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
  try EngineError.require(output, geometry.outputShape, "the output")
  geometry.pool(input, mode, into: &output, options: options)
}

/// The gradient of pooling's input, given the gradient of its output.
///
///     max      the whole gradient to the first maximum of a window, or to all that are equal to it
///     average  the gradient divided by the pixels that the window covers, to each of them
///
/// Where windows overlap, gradients add up.
///
/// - Parameters:
///   - outputGradient: `[batch, outputHeight, outputWidth, channels]`.
///   - input: `[batch, height, width, channels]`, as in the forward pass.
///   - mode: maximum or mean.
///   - window: as in the forward pass.
///   - stride: as in the forward pass.
///   - padding: as in the forward pass.
///   - ties: which of several equal maxima gets the gradient.
///   - options: the workers that share the images.
/// - Returns: `[batch, height, width, channels]`.
/// - Throws: `EngineError.shape` when shapes clash.
public func poolingGradient(
  of outputGradient: Tensor, input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D,
  padding: Padding = .valid, ties: PoolingTies = .first, options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
  try EngineError.require(outputGradient, geometry.outputShape, "the output's gradient")
  var inputGradient = Tensor(zeros: input.shape)
  geometry.gradient(of: outputGradient, input, mode, ties, into: &inputGradient, options: options)
  return inputGradient
}

/// The same into storage that the caller owns; see the form that returns a tensor.
///
/// - Parameters:
///   - outputGradient: `[batch, outputHeight, outputWidth, channels]`.
///   - input: `[batch, height, width, channels]`, as in the forward pass.
///   - mode: maximum or mean.
///   - window: as in the forward pass.
///   - stride: as in the forward pass.
///   - padding: as in the forward pass.
///   - ties: which of several equal maxima gets the gradient.
///   - inputGradient: `[batch, height, width, channels]`; overwritten.
///   - options: the workers that share the images.
/// - Throws: also when `inputGradient` has another shape; nothing is written then.
public func poolingGradient(
  of outputGradient: Tensor, input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D,
  padding: Padding = .valid, ties: PoolingTies = .first, into inputGradient: inout Tensor,
  options: ComputeOptions = .default
) throws(EngineError) {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
  try EngineError.require(outputGradient, geometry.outputShape, "the output's gradient")
  try EngineError.require(inputGradient, input.shape, "the input's gradient")
  geometry.gradient(of: outputGradient, input, mode, ties, into: &inputGradient, options: options)
}

extension PoolingGeometry {
  fileprivate static func validated(
    _ input: [Int], window: Size2D, stride: Size2D, padding: Padding
  ) throws(EngineError) -> PoolingGeometry {
    try EngineError.shapes { () throws(ShapeError) in
      try PoolingGeometry(input: input, window: window, stride: stride, padding: padding)
    }
  }

  fileprivate func pool(
    _ input: Tensor, _ mode: PoolingMode, into output: inout Tensor, options: ComputeOptions
  ) {
    input.withUnsafeScalars { input in
      output.withUnsafeMutableScalars { output in
        options.workers.run(batch) { image, _ in
          mode.pool(self, images: 1, input + image * inputPerImage, into: output + image * outputPerImage)
        }
      }
    }
  }

  fileprivate func gradient(
    of outputGradient: Tensor, _ input: Tensor, _ mode: PoolingMode, _ ties: PoolingTies,
    into inputGradient: inout Tensor, options: ComputeOptions
  ) {
    outputGradient.withUnsafeScalars { outputGradient in
      input.withUnsafeScalars { input in
        inputGradient.withUnsafeMutableScalars { inputGradient in
          options.workers.run(batch) { image, _ in
            mode.gradient(
              self, images: 1, ties: ties, input: input + image * inputPerImage,
              outputGradient: outputGradient + image * outputPerImage,
              into: inputGradient + image * inputPerImage)
          }
        }
      }
    }
  }
}
