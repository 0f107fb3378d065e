/// The time that a download waits without receiving a byte, over all mirrors together.
///
///     5 s, three mirrors, no response:      1.7 s  +  1.7 s  +  1.7 s
///     the second mirror sends a byte:       1.7 s  +  ..., then 5 s again from there
package struct TimeLimit {
  /// The limit after the last byte.
  package let total: Duration
  /// The remaining time, unless a byte arrives.
  package private(set) var remaining: Duration

  package init(_ total: Duration) { (self.total, remaining) = (total, total) }

  /// The time for each of the remaining mirrors.
  package func perMirror(of mirrors: Int) -> Duration { remaining / max(mirrors, 1) }

  /// Subtracts a time without a byte.
  package mutating func spend(_ silence: Duration) { remaining = max(remaining - silence, .zero) }

  /// Restores the total when a byte arrives.
  package mutating func restore() { remaining = total }
}
