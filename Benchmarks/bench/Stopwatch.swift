/// Times work by the monotonic clock.
enum Stopwatch {
  /// Shorter work is repeated within a sample, so that reading the clock and waking the workers count little.
  private static let shortestSample = 200e-6
  private static let minSamples = 5
  private static let warmUps = 2

  /// Returns the median seconds of one repetition, after a warm-up.
  ///
  /// - Parameters:
  ///   - seconds: The time for which to take samples; at least five are taken.
  ///   - repetitions: The repetitions per sample; nil to choose them from the time of the warm-up.
  static func median(seconds: Double, repetitions: Int? = nil, _ work: () throws -> Void) rethrows -> Double {
    var shortest = Double.infinity
    for _ in 0..<warmUps { shortest = min(shortest, try time(1, work)) }
    let count = repetitions ?? max(1, Int((shortestSample / max(shortest, 1e-9)).rounded(.up)))
    var samples: [Double] = []
    let clock = SuspendingClock()
    let end = clock.now + .seconds(seconds)
    while samples.count < minSamples || clock.now < end { samples.append(try time(count, work)) }
    return median(samples)
  }

  /// Returns the middle value, or the mean of the two middle values.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Returns the mean seconds of several repetitions; `SuspendingClock` is `CLOCK_MONOTONIC` on Linux.
  static func time(_ count: Int, _ work: () throws -> Void) rethrows -> Double {
    let duration = try SuspendingClock().measure { for _ in 0..<count { try work() } }
    return duration / .seconds(1) / Double(count)
  }
}
