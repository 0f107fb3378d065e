import Dispatch
import Foundation
import FoundationNetworking
import Synchronization

/// The download of one file: URLSession's threads fill it, and the caller's thread waits for it.
///
/// URLSession's own time limits are not used, because they restart in every phase of a connection.
final class Transfer: NSObject, URLSessionDataDelegate {
  private struct State {
    /// The number of events, by which the waiting thread detects activity.
    var events = 0
    /// The total number of bytes, if the mirror states it.
    var announced: Int?
    var bytes: [UInt8] = []
    /// Why the response cannot be used.
    var failure: MirrorFailure?
    /// Whether the transfer is complete.
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let activity = DispatchSemaphore(value: 0)
  /// The maximum size of the file in bytes.
  private let limit: Int

  private init(limit: Int) { self.limit = limit }

  /// Downloads a file into memory.
  ///
  /// - Parameters:
  ///   - limit: the maximum size of the file in bytes.
  ///   - timeLimit: the time limit, which is updated.
  ///   - mirrors: the number of mirrors, including this one, that share the remaining time.
  ///   - received: called with the number of bytes so far and the total, if the mirror states it.
  /// - Throws: `MirrorFailure`, among others when the transfer is cancelled or the mirror is silent for too
  ///   long.
  static func download(
    _ address: URL, limit: Int, timeLimit: inout TimeLimit, mirrors: Int, isCancelled: () -> Bool,
    received: (_ bytes: Int, _ announced: Int?) -> Void
  ) throws(MirrorFailure) -> [UInt8] {
    let transfer = Transfer(limit: limit)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpAdditionalHeaders = ["User-Agent": "swift-im2col"]
    // On Linux, cancelling a task twice or while it ends can crash the process, and a cache makes that
    // likely: hence no cache, at most one `cancel`, and no `invalidateAndCancel`.
    configuration.urlCache = nil
    let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    let task = session.dataTask(with: address)
    task.resume()

    var (lastActivity, events) = (ContinuousClock.now, 0)
    while true {
      // Wakes up regularly to check for cancellation.
      _ = transfer.activity.wait(timeout: .now() + .milliseconds(50))
      let (eventCount, count, announced, failure, hasEnded) = transfer.state.withLock {
        ($0.events, $0.bytes.count, $0.announced, $0.failure, $0.hasEnded)
      }
      if eventCount > events {
        (lastActivity, events) = (.now, eventCount)
        timeLimit.restore()
        received(count, announced)
      }
      if hasEnded {
        if let failure { throw failure }
        return transfer.state.withLock { $0.bytes }
      }
      let silence = ContinuousClock.now - lastActivity
      var end: MirrorFailure?
      if silence >= timeLimit.perMirror(of: mirrors) {
        timeLimit.spend(silence)
        end = failure ?? .timeout(silence)
      }
      if count > limit { end = .tooLarge(limit: limit) }
      if isCancelled() { end = .cancelled }
      if let end {
        task.cancel()
        throw end
      }
    }
  }

  // MARK: - Called on URLSession's threads

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    note { state in
      state.events += 1
      if response.expectedContentLength >= 0 { state.announced = Int(response.expectedContentLength) }
      if status != 200 { state.failure = .status(status) }
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    note { state in
      state.events += 1
      // The waiting thread detects the excess; until then, more bytes are dropped.
      if state.bytes.count <= limit { state.bytes += data }
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    note { state in
      state.hasEnded = true
      if state.failure == nil { state.failure = error.map { .connection(Self.reason($0)) } }
    }
  }

  private func note(_ change: (inout State) -> Void) {
    state.withLock { change(&$0) }
    activity.signal()
  }

  /// A short text for the common connection errors, and curl's text for others.
  private static func reason(_ error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost: "host not found"
    case .cannotConnectToHost: "no connection"
    default: error.localizedDescription
    }
  }
}
