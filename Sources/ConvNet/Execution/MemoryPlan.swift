/// The places of buffers in one array, shared by buffers that are not alive at the same time.
///
///     time      0  1  2  3  4  5
///     a         ======                 offset 0
///     b               ========         offset 0: a is dead
///     c            =========           offset a.size: alive together with a and b
///
/// Buffers are placed by size, largest first, each at the lowest offset that no buffer alive at the same time
/// overlaps: the greedy-by-size rule of Pisarchyk and Lee, "Efficient memory management for deep neural net
/// inference", arXiv 2001.03288, section 5.2.
struct MemoryPlan: Sendable {
  /// A buffer, and the times of its first write and last use.
  struct Buffer: Sendable {
    /// The size, a multiple of a cache line.
    var size: Int
    var life: ClosedRange<Int>
  }

  /// The offset of each buffer.
  let offsets: [Int]
  /// The size of the array.
  let size: Int

  /// Places buffers.
  ///
  /// - Precondition: the sum of the sizes does not overflow.
  /// - Complexity: O(*n*²) where *n* is the number of buffers.
  init(_ buffers: [Buffer]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    var end = 0
    let order = buffers.indices.sorted { (buffers[$1].size, $0) < (buffers[$0].size, $1) }
    for index in order where buffers[index].size > 0 {
      let buffer = buffers[index]
      let neighbors = placed.filter { buffers[$0].life.overlaps(buffer.life) }
        .sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for neighbor in neighbors where offsets[neighbor] < offset + buffer.size {
        offset = max(offset, offsets[neighbor] + buffers[neighbor].size)
      }
      offsets[index] = offset
      placed.append(index)
      end = max(end, offset + buffer.size)
    }
    (self.offsets, size) = (offsets, end)
  }
}
