import Im2col

/// Convolution forward as the course has it (task 0): `z = aPrev * w + b`, `a = activation(z)`.
///
///     a[m, i, j, o] = activation(b[o] + sum over u, v, c of aPrev[m, i*sh-top+u, j*sw-left+v, c] * w[u, v, c, o])
///
/// A cross-correlation over images padded with zeros (LeCun et al. 1998, section II.A). Where `convolve` takes
/// an activation by name and fuses it, this takes any function of a number.
///
/// - Parameters:
///   - aPrev: `[m, h, w, cPrev]`, the layer's input; an empty batch gives an empty output.
///   - w: `[kh, kw, cPrev, cNew]`.
///   - b: `[1, 1, 1, cNew]`.
///   - activation: applied to every output.
///   - padding: `.sameExtent` is the course's "same", `.valid` its "valid".
///   - stride: rows and columns between windows.
///   - options: workers, scratch budget and lowering.
/// - Returns: `[m, hNew, wNew, cNew]`.
/// - Throws: `EngineError.shape` with the numbers that clash; `EngineError.blas` when OpenBLAS must not be used.
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

/// `[1, 1, 1, cNew]` as `[cNew]`.
func courseBias(_ b: Tensor, of w: Tensor) throws(EngineError) -> Tensor {
  guard b.shape.count == 4, b.shape[3] == w.shape.last, b.shape[..<3].elementsEqual([1, 1, 1]) else {
    throw .shape(.mismatch("the bias b", expected: [1, 1, 1, w.shape.last ?? 1], actual: b.shape))
  }
  return Tensor(validated: [b.shape[3]], scalars: b.scalars)
}
