import Im2col

/// Some workers and what sgemm reaches on all of them at once: the ceiling that rates are held against.
///
/// A machine's speed drifts within minutes, so the ceiling is measured anew beside every few cases, and a
/// share of it means more than a rate.
final class Crew {
  let threads: Int
  let workers: Workers
  private let square: SgemmLoad
  private var measured: (gflops: Double, at: SuspendingClock.Instant)?

  /// OpenBLAS and the CPU's clock need a while before their speed settles.
  private static let warmUpSeconds = 0.25
  private static let sampleSeconds = 0.1
  /// A measurement serves the cases of the next few seconds.
  private static let validity = Duration.seconds(3)

  /// Bytes a second that all workers together read and write while they copy memory that no cache holds.
  private(set) lazy var memoryRate: Double = {
    let scalars = 8 << 20
    let source = Tensor(zeros: [threads, scalars])
    var target = Tensor(zeros: [threads, scalars])
    let seconds = target.withUnsafeMutableScalars { target in
      source.withUnsafeScalars { source in
        Stopwatch.median(seconds: Crew.sampleSeconds) {
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

  /// GFLOP/s of big squares, every worker multiplying its own.
  func ceiling() -> Double {
    let now = SuspendingClock().now
    if let measured, now - measured.at < Crew.validity { return measured.gflops }
    if measured == nil { _ = square.gflops(seconds: Crew.warmUpSeconds) }
    let gflops = square.gflops(seconds: Crew.sampleSeconds)
    measured = (gflops, SuspendingClock().now)
    return gflops
  }
}
