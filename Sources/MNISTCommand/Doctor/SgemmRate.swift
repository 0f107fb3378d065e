import Im2col

/// Measures OpenBLAS: products of square matrices that stay in cache, each worker with its own output.
package enum SgemmRate {
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

  /// The finding for measured rates; a warning if two cores together reach less than 1.5 times the rate of
  /// one.
  ///
  /// - Parameters:
  ///   - two: the rate of two cores; nil if there is only one.
  ///   - all: the rate of all `cores`.
  ///   - load: the load average of the last minute.
  package static func finding(one: Double, two: Double?, all: Double, cores: Int, load: Double) -> Finding {
    let rates = "\(NumberText.fixed(one, 1)) GFLOP/s on one core"
    guard let two else { return Finding("sgemm", rates) }
    let text = rates + ", \(NumberText.fixed(all, 1)) on \(cores)"
    guard two < 1.5 * one else { return Finding("sgemm", text) }
    return Finding(
      "sgemm",
      "\(text): two cores reach \(NumberText.fixed(two / one, 2)) times the rate of one; "
        + "other programs use the cores (load average \(NumberText.fixed(load, 1)))", .warning,
      remedy: "stop the other programs, or train with --threads 1")
  }
}
