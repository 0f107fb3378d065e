import Synchronization

/// Blocks of memory that calls borrow and return, so that a layer that runs repeatedly does not request new
/// pages from the system. Holds one block per call of the largest number of concurrent calls so far.
final class ScratchPool: Sendable {
  private let idle = Mutex<[Block]>([])

  /// Memory with a single owner at a time; unchecked, because only the owner accesses it.
  private struct Block: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let count: Int
  }

  deinit {
    for block in idle.withLock({ $0 }) { block.start.deallocate() }
  }

  /// Calls `body` with uninitialized memory for `count` scalars, aligned to a cache line.
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
