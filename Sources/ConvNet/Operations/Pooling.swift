import Im2col

/// Computes max or average pooling over a batch of images.
///
///     max      output[b, i, j, c] = max over (u, v) inside the image of
///                                   input[b, i*stride-top+u, j*stride-left+v, c]
///     average  the average of the same pixels, not counting padding
///
/// The maximum of a window that contains NaN is NaN.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`; an empty batch gives an empty output.
///   - mode: max or average.
///   - window: the height and width of a window.
///   - stride: the distance between windows, in pixels.
///   - padding: the padding rule.
///   - options: the workers; the images are divided among them.
/// - Returns: `[batch, outputHeight, outputWidth, channels]`.
/// - Throws: `EngineError.shape` when a size is out of range, or a window does not fit or is all padding.
/// - Complexity: O(output scalars * taps of a window).
public func pool(
  _ input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D, padding: Padding = .valid,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
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
///   - padding: the padding rule.
///   - output: `[batch, outputHeight, outputWidth, channels]`; overwritten.
///   - options: the workers; the images are divided among them.
/// - Throws: the errors of the overload that returns a tensor; also when `output` has another shape.
///   On an error, `output` is unchanged.
public func pool(
  _ input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D, padding: Padding = .valid,
  into output: inout Tensor, options: ComputeOptions = .default
) throws(EngineError) {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
  try EngineError.require(output, geometry.outputShape, "the output")
  geometry.pool(input, mode, into: &output, options: options)
}

/// Returns the input gradient of pooling, given the output gradient.
///
///     max      the first maximum of a window, or every tied maximum, receives the gradient
///     average  every pixel covered by the window receives the gradient divided by their number
///
/// Gradients of overlapping windows are added.
///
/// - Parameters:
///   - outputGradient: `[batch, outputHeight, outputWidth, channels]`.
///   - input: `[batch, height, width, channels]`, as in the forward pass.
///   - mode: as in the forward pass.
///   - window: as in the forward pass.
///   - stride: as in the forward pass.
///   - padding: as in the forward pass.
///   - ties: which of several equal maxima receive the gradient.
///   - options: the workers; the images are divided among them.
/// - Returns: `[batch, height, width, channels]`.
/// - Throws: `EngineError.shape` when shapes do not match.
public func poolingGradient(
  of outputGradient: Tensor, input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D,
  padding: Padding = .valid, ties: PoolingTies = .first, options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
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
///   - padding: as in the forward pass.
///   - ties: which of several equal maxima receive the gradient.
///   - inputGradient: `[batch, height, width, channels]`; overwritten.
///   - options: the workers; the images are divided among them.
/// - Throws: `EngineError.shape` when shapes do not match. On an error, `inputGradient` is unchanged.
public func poolingGradient(
  of outputGradient: Tensor, input: Tensor, _ mode: PoolingMode, window: Size2D, stride: Size2D,
  padding: Padding = .valid, ties: PoolingTies = .first, into inputGradient: inout Tensor,
  options: ComputeOptions = .default
) throws(EngineError) {
  let geometry = try PoolingGeometry.validated(input.shape, window: window, stride: stride, padding: padding)
  try EngineError.require(outputGradient, geometry.outputShape, "the output gradient")
  try EngineError.require(inputGradient, input.shape, "the input gradient")
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
