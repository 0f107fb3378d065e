import Im2col

/// The gradients of a convolution, as in task 2 of a course on CNNs: the gradients of the loss with respect
/// to the input, kernel and bias of the layer, given the gradient with respect to `z`.
///
///     dW[u, v, c, o] = sum over m, i, j of aPrev[m, i*sh-top+u, j*sw-left+v, c] * dZ[m, i, j, o]
///     dAPrev[m, y, x, c] = sum of w[u, v, c, o] * dZ[m, i, j, o] over all u, v, i, j, o that read (y, x)
///     db[o] = sum over m, i, j of dZ[m, i, j, o]
///
/// Gradients are summed over the batch, not averaged.
///
/// - Parameters:
///   - dZ: `[m, hNew, wNew, cNew]`.
///   - aPrev: `[m, h, w, cPrev]`, as in the forward pass.
///   - w: `[kh, kw, cPrev, cNew]`, as in the forward pass.
///   - b: `[1, 1, 1, cNew]`, as in the forward pass.
///   - padding: as in the forward pass; `.sameExtent` is "same" in the course.
///   - stride: as in the forward pass.
///   - options: workers, scratch budget and lowering.
/// - Returns: `dAPrev` in the shape of `aPrev`, `dW` in the shape of `w`, and `db`, `[1, 1, 1, cNew]`.
/// - Throws: `EngineError.shape` when shapes do not match; `EngineError.blas` when OpenBLAS is not usable.
public func convBackward(
  _ dZ: Tensor, _ aPrev: Tensor, _ w: Tensor, _ b: Tensor, padding: Padding = .sameExtent, stride: Size2D = 1,
  options: ComputeOptions = .default
) throws(EngineError) -> (dAPrev: Tensor, dW: Tensor, db: Tensor) {
  _ = try courseBias(b, of: w)
  let gradients = try convolutionGradients(
    of: dZ, input: aPrev, kernel: w, padding: padding, stride: stride, options: options)
  return (gradients.input, gradients.kernel, Tensor(validated: b.shape, scalars: gradients.bias.scalars))
}
