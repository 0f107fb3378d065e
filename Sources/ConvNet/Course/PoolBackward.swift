import Im2col

/// Pooling backward as the course has it (task 3): every element that equals its window's maximum gets the
/// window's whole gradient; in a mean every element gets its share.
///
///     max     dAPrev[m, y, x, c] = sum over the windows (i, j) that see (y, x) of
///                                  dA[m, i, j, c] if aPrev[m, y, x, c] is that window's maximum, else 0
///     mean    ... of dA[m, i, j, c] / (kh * kw)
///
/// TensorFlow and PyTorch give the gradient to the first maximum alone: `poolingGradient` with `ties: .first`.
///
/// - Parameters:
///   - dA: `[m, hNew, wNew, c]`.
///   - aPrev: `[m, h, w, c]`, as in the forward pass.
///   - kernelShape: as in the forward pass.
///   - stride: as in the forward pass.
///   - mode: as in the forward pass.
///   - options: the workers that share the images.
/// - Returns: `dAPrev` in the shape of `aPrev`.
/// - Throws: `EngineError.shape` when shapes clash.
public func poolBackward(
  _ dA: Tensor, _ aPrev: Tensor, _ kernelShape: Size2D, stride: Size2D = 1, mode: PoolingMode = .max,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  try poolingGradient(
    of: dA, input: aPrev, mode, window: kernelShape, stride: stride, ties: .all, options: options)
}
