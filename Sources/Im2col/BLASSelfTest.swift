/// Small products with a known exact result, computed once per process.
///
/// Some versions of OpenBLAS returned zeros, uninitialized memory or permuted elements on some CPUs. The
/// products below have integer factors small enough that every order of summation is exact. They cover the
/// four transpositions, sizes that are no multiple of a vector, and both the small-matrix path and the packed
/// path of OpenBLAS. They take well under a millisecond.
package enum BLASSelfTest {
  struct Case {
    let rows, columns, k: Int
    let leftTransposed, rightTransposed, accumulate: Bool
  }

  static let cases: [Case] = [
    Case(rows: 7, columns: 19, k: 25, leftTransposed: false, rightTransposed: false, accumulate: false),
    Case(rows: 13, columns: 35, k: 33, leftTransposed: true, rightTransposed: false, accumulate: true),
    Case(rows: 17, columns: 5, k: 41, leftTransposed: false, rightTransposed: true, accumulate: false),
    Case(rows: 9, columns: 11, k: 6, leftTransposed: true, rightTransposed: true, accumulate: true),
    // K above 320: OpenBLAS splits such a sum in two.
    Case(rows: 4, columns: 18, k: 331, leftTransposed: false, rightTransposed: false, accumulate: false),
    // Transposed right factor with more than 1,200 results: the packed path.
    Case(rows: 37, columns: 33, k: 3, leftTransposed: false, rightTransposed: true, accumulate: false),
  ]

  /// The signature of `BLAS.multiply`; tests pass faulty implementations.
  package typealias Multiply = (
    _ rows: Int, _ columns: Int, _ k: Int, _ left: BLAS.Matrix, _ right: BLAS.Matrix,
    _ result: UnsafeMutablePointer<Float>, _ rowStride: Int, _ accumulate: Bool
  ) -> Void

  /// Returns the first wrong element of any product, or nil if all are exact.
  package static func firstFault(core: String, version: String, multiply: Multiply) -> BLASError? {
    for test in cases {
      let left = integers(test.rows * test.k, seed: 3)
      let right = integers(test.k * test.columns, seed: 5)
      // A product that overwrites must ignore the previous contents of C.
      var result = [Float](
        repeating: test.accumulate ? 2 : .nan, count: test.rows * test.columns)
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          result.withUnsafeMutableBufferPointer { result in
            guard let a = left.baseAddress, let b = right.baseAddress, let c = result.baseAddress else {
              return
            }
            multiply(
              test.rows, test.columns, test.k,
              BLAS.Matrix(
                a, rowStride: test.leftTransposed ? test.rows : test.k, transposed: test.leftTransposed),
              BLAS.Matrix(
                b, rowStride: test.rightTransposed ? test.k : test.columns,
                transposed: test.rightTransposed),
              c, test.columns, test.accumulate)
          }
        }
      }
      for (index, actual) in result.enumerated() {
        let (row, column) = index.quotientAndRemainder(dividingBy: test.columns)
        var expected: Float = test.accumulate ? 2 : 0
        for term in 0..<test.k {
          expected +=
            left[test.leftTransposed ? term * test.rows + row : row * test.k + term]
            * right[test.rightTransposed ? column * test.k + term : term * test.columns + column]
        }
        guard actual == expected else {
          return .wrongProduct(
            "a \(test.rows)x\(test.columns)x\(test.k) product", index: index, expected: expected,
            actual: actual, core: core, version: version)
        }
      }
    }
    return nil
  }

  /// Returns integers in -8...7 whose period is longer than any size used here.
  private static func integers(_ count: Int, seed: UInt32) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int(state >> 28) - 8)
    }
  }
}
