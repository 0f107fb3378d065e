import Glibc

/// A text file to which complete rows are appended.
///
/// Each row is one `write` to a file opened with O_APPEND, followed by fsync. If a full disk truncates a row,
/// its beginning is removed again, so a full disk leaves no partial row; after a crash, the partial row is
/// ended with a newline. Existing rows never change.
package final class RowFile {
  package let path: String
  private let descriptor: Int32
  private let calls: FileCalls

  /// Opens a file for appending, or creates it.
  ///
  /// - Parameter header: the first row of a new or empty file; nil for files without a header.
  /// - Throws: `RowFileError` when the path does not name a regular file, a system call fails, or the file
  ///   begins with a row other than the header.
  package init(path: String, header: String? = nil, calls: FileCalls = FileCalls()) throws(RowFileError) {
    guard !path.utf8.contains(0) else { throw .file(.system(.open, path: path, code: EINVAL)) }
    // O_NONBLOCK: opening a pipe returns immediately; it has no effect on regular files.
    descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    (self.path, self.calls) = (path, calls)
    guard descriptor >= 0 else {
      let code = errno
      throw .file(.system(access(path, F_OK) == 0 ? .open : .create, path: path, code: code))
    }
    do throws(FileError) {
      guard try status().st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
    } catch {
      throw .file(error)
    }
    try begin(header)
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Appends a row and a newline.
  ///
  /// - Throws: `FileError` when a system call fails. The file is then unchanged, unless the failed call is
  ///   fsync.
  package func append(_ row: String) throws(FileError) {
    let before = Int(try status().st_size)
    var bytes = Array((row + "\n").utf8)
    // Separates the row from a partial one that a crash left.
    if try !endsInNewline(size: before) { bytes.insert(UInt8(ascii: "\n"), at: 0) }
    var written: Int
    repeat {
      written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    } while written < 0 && errno == EINTR
    guard written == bytes.count else {
      let code = written < 0 ? errno : ENOSPC
      if written > 0, let size = try? status().st_size, Int(size) == before + written {
        ftruncate(descriptor, off_t(before))
      }
      throw .system(.write, path: path, code: code)
    }
    if calls.sync(descriptor) != 0 {
      let code = errno
      guard FileCalls.meansUnsupported(code) else { throw .system(.sync, path: path, code: code) }
      calls.warn(.system(.sync, path: path, code: code))
    }
  }

  private func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(.read, path: path, code: errno) }
    return status
  }

  private func endsInNewline(size: Int) throws(FileError) -> Bool {
    guard size > 0 else { return true }
    return try bytes(at: size - 1, count: 1) == [UInt8(ascii: "\n")]
  }

  /// Up to `count` bytes at an offset.
  private func bytes(at start: Int, count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
    guard read >= 0 else { throw .system(.read, path: path, code: errno) }
    return Array(bytes.prefix(read))
  }

  /// Writes the header to an empty file, or checks it.
  private func begin(_ header: String?) throws(RowFileError) {
    guard let header else { return }
    let expected = Array(header.utf8)
    do throws(FileError) {
      if try status().st_size == 0 { return try append(header) }
      // An editor may have added a carriage return.
      let found = try bytes(at: 0, count: expected.count + 1)
      if found.starts(with: expected), [10, 13].contains(found.last) { return }
    } catch {
      throw .file(error)
    }
    throw .header(path: path, expected: header)
  }
}

/// Why rows cannot be appended to a file.
package enum RowFileError: Error, Equatable, CustomStringConvertible {
  /// A system call failed.
  case file(FileError)
  /// The file begins with another row.
  case header(path: String, expected: String)

  /// What is wrong, with the path and the remedy.
  package var description: String {
    switch self {
    case .file(let error): error.description
    case .header(let path, let expected):
      "\(path.printable) exists and does not begin with the row \"\(expected)\"; specify a new file"
    }
  }
}
