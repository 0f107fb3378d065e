/// Blocks of transformed points in memory that all workers share, which take turns: while one is read, the next
/// is written.
struct WinogradRing: Sendable {
  private let start: Int
  private let room: Int
  let count: Int

  /// - Parameters:
  ///   - before: what lies in front of it in memory.
  ///   - room: scalars of one block.
  ///   - count: how many blocks.
  init(behind before: WinogradRing?, room: Int, count: Int) {
    (start, self.room, self.count) = (before?.end ?? 0, room, count)
  }

  /// Where the next ring begins.
  var end: Int { start + room * count }

  /// The block of a step, for so many rows and channels of it.
  func points(
    _ step: Int, rows: Int, channels: Int, _ shared: UnsafeMutablePointer<Float>
  ) -> WinogradPoints {
    WinogradPoints(shared + start + step % count * room, rows: rows, channels: channels)
  }
}
