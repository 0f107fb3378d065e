import ConvNet
import Synchronization

/// The times of the parts of training steps, as their executor reports them.
final class PartTimes: ExecutionObserver {
  /// Nanoseconds per image of every event.
  private let times = Mutex<[ExecutionEvent.Part: [Double]]>([:])

  func observe(_ event: ExecutionEvent) {
    let time = Double(event.nanoseconds) / Double(event.images.count)
    times.withLock { $0[event.part, default: []].append(time) }
  }

  /// The median seconds per image of a part; nil if it did not run.
  func seconds(of part: ExecutionEvent.Part) -> Double? {
    times.withLock { $0[part] }.map { Stopwatch.median($0) * 1e-9 }
  }
}
