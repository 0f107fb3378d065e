import Im2col

/// Workers and the rate of sgemm on all of them at once, with which rates are compared.
///
/// The speed of a machine drifts within minutes, so this ceiling is measured again every few seconds.
final class WorkerPool {
  let threads: Int
  let workers: Workers
  private let square: SgemmLoad
  private var measured: (gflops: Double, at: SuspendingClock.Instant)?

  /// The clock rate of the CPU settles within this time.
  private static let warmUpSeconds = 0.25
  private static let sampleSeconds = 0.1
  /// How long a measurement of the ceiling is used.
  private static let validity = Duration.seconds(3)

  /// Bytes per second that all workers together read and write when they copy memory beyond the caches.
  private(set) lazy var memoryRate: Double = {
    let scalars = 8 << 20
    let source = Tensor(zeros: [threads, scalars])
    var target = Tensor(zeros: [threads, scalars])
    let seconds = target.withUnsafeMutableScalars { target in
      source.withUnsafeScalars { source in
        Stopwatch.median(seconds: WorkerPool.sampleSeconds) {
          workers.run(threads) { unit, _ in
            (target + unit * scalars).update(from: source + unit * scalars, count: scalars)
          }
        }
      }
    }
    return Double(2 * threads * scalars * MemoryLayout<Float>.stride) / seconds
  }()

  init(threads: Int) throws(EngineError) {
    (self.threads, workers) = (threads, try Workers(threads))
    square = SgemmLoad(.square, workers: workers)
  }

  /// The GFLOP/s of sgemm on large squares, one product per worker.
  func ceiling() -> Double {
    let now = SuspendingClock().now
    if let measured, now - measured.at < WorkerPool.validity { return measured.gflops }
    if measured == nil { _ = square.gflops(seconds: WorkerPool.warmUpSeconds) }
    let gflops = square.gflops(seconds: WorkerPool.sampleSeconds)
    measured = (gflops, SuspendingClock().now)
    return gflops
  }
}
