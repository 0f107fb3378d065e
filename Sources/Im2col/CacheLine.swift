/// The alignment that keeps memory of different threads in different cache lines.
package enum CacheLine {
  /// Scalars of a line of 64 bytes.
  package static let floats = 16

  /// Returns a number of scalars rounded up to whole lines.
  package static func rounded(_ floats: Int) -> Int { (floats + Self.floats - 1) / Self.floats * Self.floats }
}
