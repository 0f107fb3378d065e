/// Returns the product of two matrices.
///
/// The result is split into tiles of rows whose size depends only on its shape, so the bits do not depend on
/// the number of workers.
///
/// - Parameters:
///   - left: `[rows, k]`, or `[k, rows]` if `transposeLeft` is true.
///   - right: `[k, columns]`, or `[columns, k]` if `transposeRight` is true.
///   - transposeLeft: whether the left factor is stored transposed.
///   - transposeRight: whether the right factor is stored transposed.
///   - options: the workers.
/// - Returns: `[rows, columns]`; zeros if `k` is 0.
/// - Throws: ``EngineError/shape(_:)`` if a factor does not have two axes or the inner sizes differ;
///   ``EngineError/blas(_:)`` if OpenBLAS is not usable.
/// - Complexity: `2 * rows * k * columns` operations.
public func multiply(
  _ left: Tensor, _ right: Tensor, transposeLeft: Bool = false, transposeRight: Bool = false,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  for (factor, name) in [(left, "the left factor"), (right, "the right factor")] where factor.shape.count != 2
  {
    throw .shape(.rank(name, axes: ["rows", "columns"], actual: factor.shape))
  }
  let (rows, k) =
    transposeLeft ? (left.shape[1], left.shape[0]) : (left.shape[0], left.shape[1])
  let columns = right.shape[transposeRight ? 0 : 1]
  guard right.shape[transposeRight ? 1 : 0] == k else {
    throw .shape(
      .mismatch(
        "the right factor", expected: transposeRight ? [columns, k] : [k, columns],
        actual: right.shape))
  }
  var result = try EngineError.shapes { () throws(ShapeError) in
    for (size, name) in [(rows, "the number of rows"), (k, "k"), (columns, "the number of columns")] {
      try ShapeError.requireNonNegative(size, name)
    }
    return try Tensor(repeating: 0, shape: [rows, columns])
  }
  guard rows > 0, k > 0, columns > 0 else { return result }
  try BLAS.requireUsable()
  let tiles = EvenCut(rows, atMost: TileRule.packedRows)
  left.withUnsafeScalars { left in
    right.withUnsafeScalars { right in
      result.withUnsafeMutableScalars { result in
        options.workers.run(tiles.count) { tile, _ in
          let part = tiles[tile]
          BLAS.multiply(
            rows: part.count, columns: columns, k: k,
            transposeLeft
              ? BLAS.Matrix(left + part.lowerBound, rowStride: rows, transposed: true)
              : BLAS.Matrix(left + part.lowerBound * k, rowStride: k),
            BLAS.Matrix(right, rowStride: transposeRight ? k : columns, transposed: transposeRight),
            into: result + part.lowerBound * columns, rowStride: columns, accumulate: false)
        }
      }
    }
  }
  return result
}
