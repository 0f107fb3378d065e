import Foundation

/// A regular file that is open for reading, and closed when the value ends.
struct InputFile: ByteSource, ~Copyable {
  let path: String
  /// Bytes in the file when it was opened.
  let length: Int
  private let descriptor: Int32

  /// Opens a file; never waits, so that a pipe under the file's name cannot hang us.
  init(path: String) throws(DatasetError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: InputFile.reason()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = InputFile.reason()
      close(descriptor)
      throw .unreadable(path: path, reason: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notAFile(path: path)
    }
    self.path = path
    self.length = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func read(into destination: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < destination.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
      let count = Foundation.read(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .unreadable(path: path, reason: InputFile.reason())
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  func begins(with bytes: [UInt8]) -> Bool {
    var start = [UInt8](repeating: 0, count: bytes.count)
    return pread(descriptor, &start, start.count, 0) == start.count && start == bytes
  }

  /// The system's words for the call that has just failed.
  private static func reason() -> String { String(cString: strerror(errno)) }
}
