import Im2col
import Im2colReference

/// A product that all workers compute at the same time, each on its own operands with one BLAS thread.
final class SgemmLoad {
  let shape: ProductShape
  let workers: Workers
  private let left: Tensor
  private let right: Tensor
  private var result: Tensor

  init(_ shape: ProductShape, workers: Workers) {
    (self.shape, self.workers) = (shape, workers)
    var random = SplitMix64(seed: 0x6e_6d)
    left = Tensor(random: [workers.count, shape.rows, shape.k], &random)
    right = Tensor(random: [workers.count, shape.k, shape.columns], &random)
    result = Tensor(zeros: [workers.count, shape.rows, shape.columns])
  }

  /// Products per worker and run: enough to make the time of waking the workers negligible.
  var repetitions: Int { max(1, Int((2e7 / shape.flops).rounded(.up))) }

  /// Measures the GFLOP/s of all workers together.
  func gflops(seconds: Double) -> Double {
    let time = Stopwatch.median(seconds: seconds, run)
    return shape.flops * Double(repetitions * workers.count) / time * 1e-9
  }

  /// Computes `repetitions` products on every worker.
  func run() { multiply(repetitions) }

  /// Describes the first wrong one of two thousand elements; nil if all are right.
  func firstMismatch(_ injected: InjectedError?) -> String? {
    multiply(1)
    injected?.corrupt(&result, of: "gemm/\(shape)")
    for index in SeededPositions.indices(of: result.shape, count: 2_000, seed: 0x6e_6d) {
      let (row, column) = (index / shape.columns, index % shape.columns)
      let (worker, i) = (row / shape.rows, row % shape.rows)
      var (value, magnitude) = (0.0, 0.0)
      for k in 0..<shape.k {
        let a = shape.leftTransposed ? k * shape.rows + i : i * shape.k + k
        let b = shape.rightTransposed ? column * shape.k + k : k * shape.columns + column
        let term =
          Double(left.scalars[worker * shape.rows * shape.k + a])
          * Double(right.scalars[worker * shape.k * shape.columns + b])
        value += term
        magnitude += abs(term)
      }
      let bound = ErrorBound.ofSum(terms: shape.k, magnitude: magnitude)
      let actual = Double(result.scalars[index])
      if !(abs(actual - value) <= bound) {
        return "element [\(i), \(column)] is \(actual) instead of \(value), where \(bound) is allowed"
      }
    }
    return nil
  }

  private func multiply(_ repetitions: Int) {
    let (shape, leftCount) = (shape, shape.rows * shape.k)
    left.withUnsafeScalars { left in
      right.withUnsafeScalars { right in
        result.withUnsafeMutableScalars { result in
          workers.run(workers.count) { unit, _ in
            for _ in 0..<repetitions {
              BLAS.multiply(
                rows: shape.rows, columns: shape.columns, k: shape.k,
                BLAS.Matrix(
                  left + unit * leftCount, rowStride: shape.leftTransposed ? shape.rows : shape.k,
                  transposed: shape.leftTransposed),
                BLAS.Matrix(
                  right + unit * shape.k * shape.columns,
                  rowStride: shape.rightTransposed ? shape.k : shape.columns,
                  transposed: shape.rightTransposed),
                into: result + unit * shape.rows * shape.columns, rowStride: shape.columns,
                accumulate: false)
            }
          }
        }
      }
    }
  }
}

extension Tensor {
  /// Draws numbers in [-1, 1) for a shape known to be valid.
  init(random shape: [Int], _ random: inout SplitMix64) {
    self.init(validated: shape, scalars: (0..<shape.reduce(1, *)).map { _ in Float(random.real()) })
  }
}
