import Im2col

/// A convolution with bias and activation, as in task 0 of a course on CNNs: `a = activation(aPrev * w + b)`.
///
///     z[m, i, j, o] = b[o] + sum over u, v, c of aPrev[m, i*sh-top+u, j*sw-left+v, c] * w[u, v, c, o]
///     a[m, i, j, o] = activation(z[m, i, j, o])
///
/// This is a cross-correlation over images padded with zeros (LeCun et al. 1998, section II.A). `activation`
/// may be any function; `convolve` takes an `Activation` and fuses it.
///
/// - Parameters:
///   - aPrev: `[m, h, w, cPrev]`, the input; an empty batch gives an empty output.
///   - w: `[kh, kw, cPrev, cNew]`.
///   - b: `[1, 1, 1, cNew]`.
///   - activation: the function to apply to every output.
///   - padding: `.sameExtent` is "same" in the course, `.valid` is "valid".
///   - stride: the vertical and horizontal distance between windows, in pixels.
///   - options: workers, scratch budget and lowering.
/// - Returns: `[m, hNew, wNew, cNew]`.
/// - Throws: `EngineError.shape` when shapes do not match; `EngineError.blas` when OpenBLAS is not usable.
public func convForward(
  _ aPrev: Tensor, _ w: Tensor, _ b: Tensor, _ activation: (Float) -> Float, padding: Padding = .sameExtent,
  stride: Size2D = 1, options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let bias = try courseBias(b, of: w)
  var z = try convolve(aPrev, kernel: w, bias: bias, padding: padding, stride: stride, options: options)
  let count = z.count
  z.withUnsafeMutableScalars { z in
    for index in 0..<count { z[index] = activation(z[index]) }
  }
  return z
}

/// Reshapes a bias `[1, 1, 1, cNew]` to `[cNew]`.
func courseBias(_ b: Tensor, of w: Tensor) throws(EngineError) -> Tensor {
  guard b.shape.count == 4, b.shape[3] == w.shape.last, b.shape[..<3].elementsEqual([1, 1, 1]) else {
    throw .shape(.mismatch("the bias b", expected: [1, 1, 1, w.shape.last ?? 1], actual: b.shape))
  }
  return Tensor(validated: [b.shape[3]], scalars: b.scalars)
}
