import Im2col

/// Measures OpenBLAS: products of square matrices that stay in cache, each worker with its own output.
enum SgemmRate {
  private static let size = 384

  /// Returns the GFLOP/s of all workers together, the best of a few short runs.
  static func measure(_ workers: Workers) throws -> Double {
    let count = size * size
    let factor = try Tensor(repeating: 0.5, shape: [count])
    var results = Tensor(zeros: [workers.count * count])
    let repetitions = 8
    let (clock, flops) = (ContinuousClock(), 2 * Double(size * size * size) * Double(repetitions))
    let times = (0..<6).map { _ in
      clock.measure {
        factor.withUnsafeScalars { factor in
          results.withUnsafeMutableScalars { results in
            workers.run(workers.count) { unit, _ in
              for _ in 0..<repetitions {
                BLAS.multiply(
                  rows: size, columns: size, k: size, BLAS.Matrix(factor, rowStride: size),
                  BLAS.Matrix(factor, rowStride: size), into: results + unit * count, rowStride: size,
                  accumulate: false)
              }
            }
          }
        }
      }
    }
    return flops * Double(workers.count) / ((times.min() ?? .zero) / .seconds(1)) * 1e-9
  }
}
