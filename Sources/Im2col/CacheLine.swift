/// Where memory is cut so that no two pieces share a line of the cache.
package enum CacheLine {
  /// Scalars of 64 bytes.
  package static let floats = 16

  /// So many scalars in whole lines.
  package static func rounded(_ floats: Int) -> Int { (floats + Self.floats - 1) / Self.floats * Self.floats }
}
