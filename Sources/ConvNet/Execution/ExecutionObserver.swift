import Glibc

/// Receives an event after every part of a run: for profiles, and for the outputs of layers.
///
/// Under the micro-batch schedule, workers run concurrently, and so do their events.
package protocol ExecutionObserver: AnyObject, Sendable {
  func observe(_ event: ExecutionEvent)
}

/// A part of a run that has ended.
package struct ExecutionEvent {
  /// A part of a run.
  package enum Part: Hashable, Sendable {
    case forward(op: Int)
    case loss
    case backward(op: Int)
    case update
  }

  package let part: Part
  /// The positions of the images in the batch.
  package let images: Range<Int>
  /// `[images, features]` that an op has written forward; nil for other parts.
  package let output: UnsafePointer<Float>?
  /// The time that the part took.
  package let nanoseconds: UInt64
}

/// The clock of events.
struct EventClock {
  private let start: UInt64

  init() { start = EventClock.now }

  var nanoseconds: UInt64 { EventClock.now - start }

  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension Optional where Wrapped == any ExecutionObserver {
  /// Runs a part, and reports it if there is an observer.
  func observing(
    _ part: ExecutionEvent.Part, _ images: Range<Int>, output: UnsafePointer<Float>? = nil, _ body: () -> Void
  ) {
    guard let self else { return body() }
    let clock = EventClock()
    body()
    self.observe(
      ExecutionEvent(part: part, images: images, output: output, nanoseconds: clock.nanoseconds))
  }
}
