import Im2col

/// Memory for numbers that starts at a cache line and lives as long as this object.
///
/// Unchecked, because it only owns memory: whoever takes `start` sees to it that no two threads write one
/// place, as the schedules in this folder do.
package final class AlignedFloats: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int

  /// Zeros.
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
