import Glibc

/// A regular file open for reading from start to end; closed when the value goes.
///
/// Folders, devices and pipes are refused: their size says nothing about what a
/// read yields, and a pipe without a writer would wait for ever.
package struct RegularFile: ~Copyable {
  package let path: String
  /// Bytes in the file at the moment it was opened.
  package let size: Int

  private let descriptor: Int32

  package init(path: String) throws(FileError) {
    guard !path.utf8.contains(0) else { throw .system(.open, path: path, code: EINVAL) }
    // O_NONBLOCK: opening a pipe returns at once; on regular files it changes nothing.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(.open, path: path, code: errno) }
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
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { Glibc.close(descriptor) }

  /// Fills `buffer` with the next bytes of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = Glibc.read(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(.read, path: path, code: errno)
      }
      guard count > 0 else {
        let position = Int(lseek(descriptor, 0, SEEK_CUR))
        throw .shrank(path: path, expected: size, actual: position)
      }
      filled += count
    }
  }
}
