import Im2col

/// An array of floats that starts at a cache line and has a stable address.
///
/// Unchecked `Sendable`: users of `start` must not write one element from two threads at a time.
package final class AlignedFloats: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int

  /// Allocates an array of zeros.
  package init(_ count: Int) {
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: AlignedFloats.line)
    start = bytes.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  package var array: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

  private static let line = CacheLine.floats * MemoryLayout<Float>.stride
}
