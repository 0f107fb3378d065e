/// How long a download waits without getting a byte, over all mirrors together.
///
///     timeLimit 5 s, three mirrors, none answers:   1.7 s  +  1.7 s  +  1.7 s
///     a byte comes from the second:                1.7 s  +  byte, and 5 s again from there
package struct TimeLimit {
  /// When nothing is heard.
  package let whole: Duration
  /// Until the download is given up, unless a byte comes.
  package private(set) var left: Duration

  package init(_ whole: Duration) { (self.whole, left) = (whole, whole) }

  /// What one of several mirrors that are still to be asked may use up.
  package func share(of mirrors: Int) -> Duration { left / max(mirrors, 1) }

  /// Notes a silence that has ended.
  package mutating func spend(_ silence: Duration) { left = max(left - silence, .zero) }

  /// Notes that something came.
  package mutating func restore() { left = whole }
}
