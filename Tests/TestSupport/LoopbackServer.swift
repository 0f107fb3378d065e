import Glibc
import Synchronization

/// A local web server for tests, with the minimum of HTTP/1.1 for downloads: one request per connection.
package final class LoopbackServer: Sendable {
  /// The response for a path.
  package enum Answer: Sendable {
    /// A complete response with a status.
    case bytes([UInt8], status: Int = 200)
    /// Declares all bytes, sends the first `after`, and closes the connection.
    case cut([UInt8], after: Int)
    /// Declares all bytes, sends the first `after`, and stops without closing; sends nothing if `after` is
    /// nil.
    case stall([UInt8], after: Int?)
    /// Sends a block repeatedly until the client closes the connection.
    case endless([UInt8])
  }

  /// The URL of the server's folder.
  package let address: String

  private let listener: Int32
  private let answers: [String: Answer]
  private let requested = Mutex<[String]>([])
  /// Open during the server's lifetime, so that their descriptors are not reused.
  private let connections = Mutex<[Int32]>([])

  /// Starts to listen.
  ///
  /// - Parameter answers: responses by name in the server's folder; other names give a page with status 404.
  package init(_ answers: [String: Answer]) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var socketAddress = sockaddr_in()
    socketAddress.sin_family = sa_family_t(AF_INET)
    socketAddress.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &socketAddress) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard bound else { throw NoServer(code: errno) }
    (self.listener, self.answers) = (listener, answers)
    address = "http://127.0.0.1:\(UInt16(bigEndian: socketAddress.sin_port))/mnist/"
    // The thread retains the server until the process ends, because a test may keep only its address.
    Self.start { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        // Child processes must not inherit the connection.
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        connections.withLock { $0.append(connection) }
        Self.start { [self] in serve(connection) }
      }
    }
  }

  /// The requested names, in order.
  package var requests: [String] { requested.withLock { $0 } }

  struct NoServer: Error { let code: Int32 }

  private func serve(_ connection: Int32) {
    guard let name = Self.request(connection) else { return }
    requested.withLock { $0.append(name) }
    switch answers[name] ?? .bytes(Array("<html>not here</html>".utf8), status: 404) {
    case .bytes(let bytes, let status):
      _ = Self.send(Self.head(status, bytes.count) + bytes, connection)
      shutdown(connection, Int32(SHUT_RDWR))
    case .cut(let bytes, let count):
      _ = Self.send(Self.head(200, bytes.count) + bytes.prefix(count), connection)
      shutdown(connection, Int32(SHUT_RDWR))
    case .stall(let bytes, let count):
      if let count { _ = Self.send(Self.head(200, bytes.count) + bytes.prefix(count), connection) }
    case .endless(let block):
      guard Self.send(Self.head(200, nil), connection) else { return }
      while Self.send(block, connection) {}
    }
  }

  /// Reads a request and returns its name in the server's folder.
  private static func request(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      let count = recv(connection, &block, block.count, 0)
      guard count > 0 else { return nil }
      bytes += block[..<count]
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

  /// Runs a body that may block in a thread of its own.
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
