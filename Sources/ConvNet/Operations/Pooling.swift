import Im2col

/// Computes max or average pooling over a batch of images.
///
///     max      output[b, i, j, c] = max over (u, v) inside the image of
///                                   input[b, i*stride-top+u*dilation, j*stride-left+v*dilation, c]
///     average  the average of the same pixels; with `countsPadding` their sum, divided by the number of pixels
///              of the window in the padded image (ONNX's `count_include_pad`)
///
/// The maximum of a window that contains NaN is NaN.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`; an empty batch gives an empty output.
///   - mode: max or average.
///   - window: the height and width of a window.
///   - stride: the distance between windows, in pixels.
///   - dilation: the distance between the pixels of a window; 1 means adjacent pixels.
///   - padding: the padding rule.
///   - roundsUp: whether the number of windows is rounded up, so that the last ones may reach beyond the padding
///     (PyTorch's and ONNX's `ceil_mode`); see `AxisGeometry`.
///   - countsPadding: whether an average counts the padding, as zeros.
///   - options: the workers; the images are divided among them.
/// - Returns: `[batch, outputHeight, outputWidth, channels]`.
/// - Throws: `EngineError.shape` when a size is out of range, or a window does not fit or is all padding.
/// - Complexity: O(output scalars * taps of a window).
public func pool(
  _ input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D, dilation: Size2D = 1,
  padding: Padding = .valid, roundsUp: Bool = false, countsPadding: Bool = false,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try PoolingGeometry.validated(
    input.shape, window: window, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp,
    countsPadding: countsPadding)
  var output = Tensor(zeros: geometry.outputShape)
  geometry.pool(input, mode, into: &output, options: options)
  return output
}

/// Computes max or average pooling into storage that the caller owns.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`.
///   - mode: max or average.
///   - window: the height and width of a window.
///   - stride: the distance between windows, in pixels.
///   - dilation: the distance between the pixels of a window; 1 means adjacent pixels.
///   - padding: the padding rule.
///   - roundsUp: whether the number of windows is rounded up.
///   - countsPadding: whether an average counts the padding, as zeros.
///   - output: `[batch, outputHeight, outputWidth, channels]`; overwritten.
///   - options: the workers; the images are divided among them.
/// - Throws: the errors of the overload that returns a tensor; also when `output` has another shape.
///   On an error, `output` is unchanged.
public func pool(
  _ input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D, dilation: Size2D = 1,
  padding: Padding = .valid, roundsUp: Bool = false, countsPadding: Bool = false,
  into output: inout Tensor, options: ComputeOptions = .default
) throws(EngineError) {
  let geometry = try PoolingGeometry.validated(
    input.shape, window: window, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp,
    countsPadding: countsPadding)
  try EngineError.require(output, geometry.outputShape, "the output")
  geometry.pool(input, mode, into: &output, options: options)
}

/// Returns the input gradient of pooling, given the output gradient.
///
///     max      the first maximum of a window, or every tied maximum, receives the gradient
///     average  every pixel covered by the window receives the gradient, over the divisor of the average
///
/// Gradients of overlapping windows are added.
///
/// - Parameters:
///   - outputGradient: `[batch, outputHeight, outputWidth, channels]`.
///   - input: `[batch, height, width, channels]`, as in the forward pass.
///   - mode: as in the forward pass.
///   - window: as in the forward pass.
///   - stride: as in the forward pass.
///   - dilation: as in the forward pass.
///   - padding: as in the forward pass.
///   - roundsUp: as in the forward pass.
///   - countsPadding: as in the forward pass.
///   - ties: which of several equal maxima receive the gradient.
///   - options: the workers; the images are divided among them.
/// - Returns: `[batch, height, width, channels]`.
/// - Throws: `EngineError.shape` when shapes do not match.
public func poolingGradient(
  of outputGradient: Tensor, input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D,
  dilation: Size2D = 1, padding: Padding = .valid, roundsUp: Bool = false, countsPadding: Bool = false,
  ties: PoolingTies = .first, options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try PoolingGeometry.validated(
    input.shape, window: window, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp,
    countsPadding: countsPadding)
  try EngineError.require(outputGradient, geometry.outputShape, "the output gradient")
  var inputGradient = Tensor(zeros: input.shape)
  geometry.gradient(of: outputGradient, input, mode, ties, into: &inputGradient, options: options)
  return inputGradient
}

/// Computes the input gradient of pooling into storage that the caller owns.
///
/// - Parameters:
///   - outputGradient: `[batch, outputHeight, outputWidth, channels]`.
///   - input: `[batch, height, width, channels]`, as in the forward pass.
///   - mode: as in the forward pass.
///   - window: as in the forward pass.
///   - stride: as in the forward pass.
///   - dilation: as in the forward pass.
///   - padding: as in the forward pass.
///   - roundsUp: as in the forward pass.
///   - countsPadding: as in the forward pass.
///   - ties: which of several equal maxima receive the gradient.
///   - inputGradient: `[batch, height, width, channels]`; overwritten.
///   - options: the workers; the images are divided among them.
/// - Throws: `EngineError.shape` when shapes do not match. On an error, `inputGradient` is unchanged.
public func poolingGradient(
  of outputGradient: Tensor, input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D,
  dilation: Size2D = 1, padding: Padding = .valid, roundsUp: Bool = false, countsPadding: Bool = false,
  ties: PoolingTies = .first, into inputGradient: inout Tensor,
  options: ComputeOptions = .default
) throws(EngineError) {
  let geometry = try PoolingGeometry.validated(
    input.shape, window: window, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp,
    countsPadding: countsPadding)
  try EngineError.require(outputGradient, geometry.outputShape, "the output gradient")
  try EngineError.require(inputGradient, input.shape, "the input gradient")
  geometry.gradient(of: outputGradient, input, mode, ties, into: &inputGradient, options: options)
}

extension PoolingGeometry {
  fileprivate static func validated(
    _ input: [Int], window: Size2D, stride: Size2D, dilation: Size2D, padding: Padding, roundsUp: Bool,
    countsPadding: Bool
  ) throws(EngineError) -> PoolingGeometry {
    try EngineError.shapes { () throws(ShapeError) in
      try PoolingGeometry(
        input: input, window: window, stride: stride, dilation: dilation, padding: padding,
        roundsUp: roundsUp,
        countsPadding: countsPadding)
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
