import Glibc

/// A regular file, open for sequential reading; closed when the value is destroyed.
///
/// Folders, devices and pipes are refused: their size does not bound what a read returns, and opening a
/// pipe without a writer would block.
package struct RegularFile: ~Copyable {
  package let path: String
  /// The number of bytes when the file was opened.
  package let size: Int

  private let descriptor: Int32

  /// - Parameter followsLinks: whether a symbolic link, or a file with several names, is opened.
  package init(path: String, followsLinks: Bool = true) throws(FileError) {
    guard !path.utf8.contains(0) else { throw .system(.open, path: path, code: EINVAL) }
    // O_NONBLOCK: opening a pipe returns immediately; it has no effect on regular files.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else {
      throw !followsLinks && errno == ELOOP ? .linked(path: path) : .system(.open, path: path, code: errno)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      Glibc.close(descriptor)
      throw .system(.open, path: path, code: code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(descriptor)
      throw .notRegular(path: path)
    }
    guard followsLinks || status.st_nlink <= 1 else {
      Glibc.close(descriptor)
      throw .linked(path: path)
    }
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { Glibc.close(descriptor) }

  /// Fills `buffer` with the next bytes of the file.
  ///
  /// - Throws: `FileError.shrank` when the file ends first.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    guard try readUpToEnd(into: buffer) == buffer.count else {
      throw .shrank(path: path, expected: size, actual: Int(lseek(descriptor, 0, SEEK_CUR)))
    }
  }

  /// Fills `buffer` with the next bytes of the file and returns their number, less than its size only at the
  /// end.
  package func readUpToEnd(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = Glibc.read(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(.read, path: path, code: errno)
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Whether the file begins with `bytes`; the reading position does not move.
  package func begins(with bytes: [UInt8]) -> Bool {
    var start = [UInt8](repeating: 0, count: bytes.count)
    return pread(descriptor, &start, start.count, 0) == start.count && start == bytes
  }
}
