/// A ring of blocks of transformed points in memory that all workers share: while one block is read, the next
/// one is written.
struct WinogradRing: Sendable {
  private let start: Int
  private let blockScalars: Int
  let count: Int

  /// - Parameters:
  ///   - before: the ring before this one in memory.
  ///   - blockScalars: the number of scalars of one block.
  ///   - count: the number of blocks.
  init(after before: WinogradRing?, blockScalars: Int, count: Int) {
    (start, self.blockScalars, self.count) = (before?.end ?? 0, blockScalars, count)
  }

  /// The offset of the next ring.
  var end: Int { start + blockScalars * count }

  /// Returns the block of a step, with the given number of rows and channels.
  func points(
    _ step: Int, rows: Int, channels: Int, _ shared: UnsafeMutablePointer<Float>
  ) -> WinogradPoints {
    WinogradPoints(shared + start + step % count * blockScalars, rows: rows, channels: channels)
  }
}
