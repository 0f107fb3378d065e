import Im2col

/// A digest of fixed matrix products: machines with different fingerprints round differently in OpenBLAS, so
/// a training run gives different bits on them.
///
/// The core name is not sufficient: OpenBLAS 0.3.34 changed the bits of sgemm under the same core name.
/// The products cover inner dimensions below, at and above those at which OpenBLAS splits a sum (320, 384 or
/// 512 by kernel), all four transpositions, the small-matrix path and the packed path.
public enum BLASFingerprint {
  /// SHA-256 of all products, 64 hexadecimal digits.
  ///
  /// - Throws: `EngineError.blas` when this process's OpenBLAS must not be used.
  /// - Complexity: about ten million multiplications, under a millisecond.
  public static func hexadecimal() throws(EngineError) -> String {
    try BLAS.requireUsable()
    var digest = ParameterDigest()
    for k in lengths {
      for (index, size) in sizes.enumerated() {
        digest.update(product(rows: size.rows, columns: size.columns, k: k, transposition: index))
      }
    }
    return digest.hexadecimal
  }

  private static let lengths = [25, 150, 319, 321, 384, 385, 512, 513]
  private static let sizes = [
    (rows: 6, columns: 97), (rows: 35, columns: 53), (rows: 16, columns: 100), (rows: 67, columns: 19),
  ]

  /// The product of two matrices of pseudorandom numbers in -1..<1.
  private static func product(rows: Int, columns: Int, k: Int, transposition: Int) -> [Float] {
    let (left, right) = (numbers(rows * k, stream: 1), numbers(k * columns, stream: 2))
    let (transposesLeft, transposesRight) = (transposition & 1 == 1, transposition & 2 == 2)
    var result = [Float](repeating: 0, count: rows * columns)
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        result.withUnsafeMutableBufferPointer { result in
          guard let a = left.baseAddress, let b = right.baseAddress, let c = result.baseAddress else {
            return
          }
          BLAS.multiply(
            rows: rows, columns: columns, k: k,
            BLAS.Matrix(a, rowStride: transposesLeft ? rows : k, transposed: transposesLeft),
            BLAS.Matrix(b, rowStride: transposesRight ? k : columns, transposed: transposesRight),
            into: c, rowStride: columns, accumulate: false)
        }
      }
    }
    return result
  }

  private static func numbers(_ count: Int, stream: Int) -> [Float] {
    let random = CounterRandom(seed: 0, stream: .init(purpose: 0xB1A5, index: stream))
    return (0..<count).map { Float(Int32(truncatingIfNeeded: random[UInt64($0)])) * 0x1p-31 }
  }
}
