import Im2col

/// Convolution backward as the course has it (task 2): what a loss' gradient at `z` says about the layer's
/// input, kernel and bias.
///
///     dW[u, v, c, o] = sum over m, i, j of aPrev[m, i*sh-top+u, j*sw-left+v, c] * dZ[m, i, j, o]
///     dAPrev[m, y, x, c] = sum of w[u, v, c, o] * dZ[m, i, j, o] over all u, v, i, j, o that read (y, x)
///     db[o] = sum over m, i, j of dZ[m, i, j, o]
///
/// Sums run over the batch and are not divided by it.
///
/// - Parameters:
///   - dZ: `[m, hNew, wNew, cNew]`.
///   - aPrev: `[m, h, w, cPrev]`, as in the forward pass.
///   - w: `[kh, kw, cPrev, cNew]`, as in the forward pass.
///   - b: `[1, 1, 1, cNew]`, as in the forward pass.
///   - padding: as in the forward pass; `.sameExtent` is the course's "same".
///   - stride: as in the forward pass.
///   - options: workers, scratch budget and lowering.
/// - Returns: `dAPrev` in the shape of `aPrev` (whatever the padding), `dW` in that of `w`, `db`
///   `[1, 1, 1, cNew]`.
/// - Throws: `EngineError.shape` with the numbers that clash; `EngineError.blas` when OpenBLAS must not be used.
public func convBackward(
  _ dZ: Tensor, _ aPrev: Tensor, _ w: Tensor, _ b: Tensor, padding: Padding = .sameExtent, stride: Size2D = 1,
  options: ComputeOptions = .default
) throws(EngineError) -> (dAPrev: Tensor, dW: Tensor, db: Tensor) {
  _ = try courseBias(b, of: w)
  let gradients = try convolutionGradients(
    of: dZ, input: aPrev, kernel: w, padding: padding, stride: stride, options: options)
  return (gradients.input, gradients.kernel, Tensor(validated: b.shape, scalars: gradients.bias.scalars))
}
