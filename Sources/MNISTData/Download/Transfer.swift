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
    var end: Result<Void, MirrorFailure>?
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
  ///   - mirrors: how many share the patience from here on, this one counted.
  ///   - received: is told the bytes that are here and, if the mirror announced them, how many there will be.
  static func fetch(
    _ address: URL, limit: Int, patience: inout Patience, mirrors: Int, isCancelled: () -> Bool,
    received: (_ bytes: Int, _ announced: Int?) -> Void
  ) throws(MirrorFailure) -> [UInt8] {
    let transfer = Transfer(limit: limit)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpAdditionalHeaders = ["User-Agent": "swift-im2col"]
    let session = URLSession(configuration: configuration, delegate: transfer, delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    session.dataTask(with: address).resume()

    var (heard, events) = (ContinuousClock.now, 0)
    while true {
      if isCancelled() { throw .cancelled }
      // Wakes up now and then to see cancellations.
      _ = transfer.news.wait(timeout: .now() + .milliseconds(50))
      let (seen, count, announced, end) = transfer.state.withLock {
        ($0.events, $0.bytes.count, $0.announced, $0.end)
      }
      if seen > events {
        (heard, events) = (.now, seen)
        patience.restore()
        received(count, announced)
      }
      switch end {
      case .success: return transfer.state.withLock { $0.bytes }
      case .failure(let failure): throw failure
      case nil:
        let silence = ContinuousClock.now - heard
        guard silence < patience.share(of: mirrors) else {
          patience.spend(silence)
          throw .silence(silence)
        }
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
      if status != 200 { state.end = .failure(.status(status)) }
    }
    completionHandler(status == 200 ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    note { state in
      guard state.end == nil else { return }
      state.events += 1
      state.bytes += data
      if state.bytes.count > limit { state.end = .failure(.endless(limit: limit)) }
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    note { state in
      guard state.end == nil else { return }
      state.end = error.map { .failure(.connection(Self.reason($0))) } ?? .success(())
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
