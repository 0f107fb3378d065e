import Im2col

/// The gradient of pooling, as in task 3 of a course on CNNs. Every element that equals the maximum of its
/// window receives the whole gradient of the window; in average pooling, every element receives an
/// equal part.
///
///     max     dAPrev[m, y, x, c] = sum over the windows (i, j) that cover (y, x) of
///                                  dA[m, i, j, c] if aPrev[m, y, x, c] is the maximum of the window, else 0
///     average ... of dA[m, i, j, c] / (kh * kw)
///
/// TensorFlow and PyTorch propagate the gradient to the first maximum only, as `poolingGradient` does
/// with `ties: .first`.
///
/// - Parameters:
///   - dA: `[m, hNew, wNew, c]`.
///   - aPrev: `[m, h, w, c]`, as in the forward pass.
///   - kernelShape: as in the forward pass.
///   - stride: as in the forward pass.
///   - mode: as in the forward pass.
///   - options: the workers; the images are divided among them.
/// - Returns: `dAPrev` in the shape of `aPrev`.
/// - Throws: `EngineError.shape` when shapes do not match.
public func poolBackward(
  _ dA: Tensor, _ aPrev: Tensor, _ kernelShape: Size2D, stride: Size2D = 1, mode: PoolingMode = .max,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  try poolingGradient(
    of: dA, input: aPrev, mode, window: kernelShape, stride: stride, ties: .all, options: options)
}
