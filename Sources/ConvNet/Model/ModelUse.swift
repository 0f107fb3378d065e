import Glibc
import Im2col
import Synchronization

/// The exclusive use of a model by one thread.
///
/// A call of a model enters, and leaves when it returns. A call on the same thread, from a callback of `fit`,
/// may enter as well. A call on another thread throws.
final class ModelUse: Sendable {
  /// The thread that uses the model; 0 for none. A thread's identifier is the address of its descriptor.
  private let owner = Atomic<UInt>(0)

  /// Runs `body` unless another thread is using the model.
  ///
  /// - Throws: `EngineError.inUse`, or the error of `body`.
  func exclusively<R>(_ body: () throws(EngineError) -> R) throws(EngineError) -> R {
    let thread = pthread_self()
    if owner.load(ordering: .relaxed) == thread { return try body() }
    guard owner.compareExchange(expected: 0, desired: thread, ordering: .acquiring).exchanged else {
      throw .inUse
    }
    defer { owner.store(0, ordering: .releasing) }
    return try body()
  }
}
