import Dispatch
import Foundation
import FoundationNetworking
import Synchronization

/// One file on its way from a mirror, filled in by URLSession's threads and waited for by ours.
///
/// URLSession's own time limits are not used: they start anew in every phase of a connection.
final class Transfer: NSObject, URLSessionDataDelegate {
  private struct State {
    /// Counts whatever came, so that the waiting side sees that something did.
    var events = 0
    /// Bytes that the mirror announces.
    var announced: Int?
    var bytes: [UInt8] = []
    /// What is wrong with the answer, whatever its body may still bring.
    var failure: MirrorFailure?
    /// Nothing more will come.
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let news = DispatchSemaphore(value: 0)
  /// Bytes after which it cannot be the file any more.
  private let limit: Int

  private init(limit: Int) { self.limit = limit }

  /// Fetches a file into memory; ends early when it is cancelled or the mirror is silent for too long.
  ///
  /// - Parameters:
  ///   - limit: bytes that the file has at most.
  ///   - mirrors: how many share the timeLimit from here on, this one counted.
  ///   - received: is told the bytes that are here and, if the mirror announced them, how many there will be.
  static func fetch(
    _ address: URL, limit: Int, timeLimit: inout TimeLimit, mirrors: Int, isCancelled: () -> Bool,
    received: (_ bytes: Int, _ announced: Int?) -> Void
  ) throws(MirrorFailure) -> [UInt8] {
    let transfer = Transfer(limit: limit)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpAdditionalHeaders = ["User-Agent": "swift-im2col"]
    // On Linux, cancelling a task twice or while it ends stops the whole process, and a cache makes that likely:
    // hence none, one `cancel` at most, and never `invalidateAndCancel`.
    configuration.urlCache = nil
    let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    let task = session.dataTask(with: address)
    task.resume()

    var (heard, events) = (ContinuousClock.now, 0)
    while true {
      // Wakes up now and then to see cancellations.
      _ = transfer.news.wait(timeout: .now() + .milliseconds(50))
      let (seen, count, announced, failure, hasEnded) = transfer.state.withLock {
        ($0.events, $0.bytes.count, $0.announced, $0.failure, $0.hasEnded)
      }
      if seen > events {
        (heard, events) = (.now, seen)
        timeLimit.restore()
        received(count, announced)
      }
      if hasEnded {
        if let failure { throw failure }
        return transfer.state.withLock { $0.bytes }
      }
      let silence = ContinuousClock.now - heard
      var end: MirrorFailure?
      if silence >= timeLimit.share(of: mirrors) {
        timeLimit.spend(silence)
        end = failure ?? .silence(silence)
      }
      if count > limit { end = .endless(limit: limit) }
      if isCancelled() { end = .cancelled }
      if let end {
        task.cancel()
        throw end
      }
    }
  }

  // MARK: - On URLSession's threads

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
      // The one who waits sees that it is too much; until then it is not kept.
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
    news.signal()
  }

  /// What went wrong with a connection, in our words for the usual and in curl's for the rest.
  private static func reason(_ error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost: "host not found"
    case .cannotConnectToHost: "no connection"
    default: error.localizedDescription
    }
  }
}
