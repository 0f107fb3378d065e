import Glibc
import Synchronization

/// A web server on this machine alone, for one test; gone with the value.
///
/// Speaks as little HTTP/1.1 as a download needs: one request a connection.
package final class LoopbackServer: Sendable {
  /// What a path answers.
  package enum Answer: Sendable {
    /// Bytes with a status.
    case bytes([UInt8], status: Int = 200)
    /// Announces all bytes, sends some, and closes the connection.
    case cut([UInt8], after: Int)
    /// Announces all bytes, sends some, and falls silent; takes the request and says nothing where `after` is nil.
    case stall([UInt8], after: Int?)
    /// Sends a piece again and again until nobody listens.
    case endless([UInt8])
  }

  /// The server's folder as people write it.
  package let address: String

  private let listener: Int32
  private let answers: [String: Answer]
  private let asked = Mutex<[String]>([])
  /// Open as long as the server is, so that their numbers are nobody else's.
  private let connections = Mutex<[Int32]>([])

  /// Starts to listen.
  ///
  /// - Parameter answers: by name in the server's folder; everything else is 404 with a page.
  package init(_ answers: [String: Answer]) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &place) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        bind(listener, place, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, place, &length) == 0
      }
    }
    guard bound else { throw NoServer(code: errno) }
    (self.listener, self.answers) = (listener, answers)
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/mnist/"
    // The thread holds the server as long as the process lives: a test that keeps its address alone must not lose it.
    Self.start { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        // Commands that a test starts shall not keep it open.
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        connections.withLock { $0.append(connection) }
        Self.start { [self] in serve(connection) }
      }
    }
  }

  /// The names that were asked for, in this order.
  package var requests: [String] { asked.withLock { $0 } }

  struct NoServer: Error { let code: Int32 }

  private func serve(_ connection: Int32) {
    guard let name = Self.request(connection) else { return }
    asked.withLock { $0.append(name) }
    switch answers[name] ?? .bytes(Array("<html>not here</html>".utf8), status: 404) {
    case .bytes(let bytes, let status):
      _ = Self.send(Self.head(status, bytes.count) + bytes, connection)
      shutdown(connection, Int32(SHUT_RDWR))
    case .cut(let bytes, let count):
      _ = Self.send(Self.head(200, bytes.count) + bytes.prefix(count), connection)
      shutdown(connection, Int32(SHUT_RDWR))
    case .stall(let bytes, let count):
      if let count { _ = Self.send(Self.head(200, bytes.count) + bytes.prefix(count), connection) }
    case .endless(let piece):
      guard Self.send(Self.head(200, nil), connection) else { return }
      while Self.send(piece, connection) {}
    }
  }

  /// The name in the server's folder that is asked for.
  private static func request(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      bytes += piece[..<count]
    }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return words.dropFirst().first.map { String($0.dropFirst("/mnist/".count)) }
  }

  private static func head(_ status: Int, _ length: Int?) -> [UInt8] {
    let length = length.map { "Content-Length: \($0)\r\n" } ?? ""
    return Array("HTTP/1.1 \(status) X\r\n\(length)Connection: close\r\n\r\n".utf8)
  }

  private static func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// A thread for a body that may wait for ever.
  private static func start(_ body: @escaping @Sendable () -> Void) {
    final class Work {
      let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Work(body)).toOpaque())
    pthread_detach(thread)
  }
}
