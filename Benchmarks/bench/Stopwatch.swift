/// Times work by the monotonic clock: the median of repeated samples, after a warm-up.
enum Stopwatch {
  /// Samples shorter than this are made of several repetitions: the clock and the workers' wake-up count too much.
  private static let shortestSample = 200e-6
  private static let minSamples = 5
  private static let warmUps = 2

  /// Median seconds of one repetition.
  ///
  /// - Parameters:
  ///   - seconds: how long to go on taking samples; at least five are taken.
  ///   - repetitions: that a sample is made of; nil to choose so that a sample is not too short.
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

  /// The middle one, or the mean of the two in the middle.
  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Seconds of one repetition of several; `SuspendingClock` is `CLOCK_MONOTONIC` on Linux.
  static func time(_ count: Int, _ work: () throws -> Void) rethrows -> Double {
    let duration = try SuspendingClock().measure { for _ in 0..<count { try work() } }
    return duration / .seconds(1) / Double(count)
  }
}
