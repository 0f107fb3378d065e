import Im2col

/// Pooling, as in task 1 of a course on CNNs: the maximum or the average of every window, without padding.
///
///     a[m, i, j, c] = max (or average) over u, v of aPrev[m, i*sh+u, j*sw+v, c]
///
/// - Parameters:
///   - aPrev: `[m, h, w, c]`; an empty batch gives an empty output.
///   - kernelShape: the height and width of a window.
///   - stride: the vertical and horizontal distance between windows, in pixels.
///   - mode: max or average.
///   - options: the workers; the images are divided among them.
/// - Returns: `[m, (h - kh) / sh + 1, (w - kw) / sw + 1, c]`.
/// - Throws: `EngineError.shape` when a size is out of range or a window does not fit.
public func poolForward(
  _ aPrev: Tensor, _ kernelShape: Size2D, stride: Size2D = 1, mode: PoolingMode = .max,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  try pool(aPrev, mode, window: kernelShape, stride: stride, options: options)
}
