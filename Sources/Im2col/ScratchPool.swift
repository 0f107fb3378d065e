import Synchronization

/// Blocks of memory that calls borrow and give back, so that a layer that runs again and again does not
/// ask the system for fresh pages each time. Holds as many blocks as calls ever ran at once.
final class ScratchPool: Sendable {
  private let idle = Mutex<[Block]>([])

  /// Memory that one call owns at a time; unchecked, because only that call touches it.
  private struct Block: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let count: Int
  }

  deinit {
    for block in idle.withLock({ $0 }) { block.start.deallocate() }
  }

  /// Calls `body` with uninitialized memory for `count` scalars, on a cache line's boundary.
  func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    let block = take(count)
    defer { idle.withLock { $0.append(block) } }
    return body(block.start)
  }

  private func take(_ count: Int) -> Block {
    if let block = idle.withLock({ $0.popLast() }) {
      if block.count >= count { return block }
      block.start.deallocate()
    }
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    return Block(start: memory.bindMemory(to: Float.self, capacity: max(count, 1)), count: count)
  }
}
