import Glibc

/// A text file that grows by whole rows: whatever happens, what was there before stays, and a row is there
/// completely or not at all.
///
/// Each row is one `write` to a file opened with O_APPEND, forced to the disk; of one that a full disk cuts
/// short the beginning is taken back.
package final class RowFile {
  package let path: String
  private let descriptor: Int32

  /// Opens a file for appending, or creates it.
  ///
  /// - Parameter header: the first row of a new or empty file; nil for files that have none.
  /// - Throws: `RowFileError` when the path leads to no regular file, the system refuses, or the file begins
  ///   with another row than the header.
  package init(path: String, header: String? = nil) throws(RowFileError) {
    guard !path.utf8.contains(0) else { throw .file(.system(.open, path: path, code: EINVAL)) }
    // O_NONBLOCK: opening a pipe returns at once; on regular files it changes nothing.
    descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    self.path = path
    guard descriptor >= 0 else {
      let isThere = access(path, F_OK) == 0
      throw .file(.system(isThere ? .open : .create, path: path, code: errno))
    }
    do throws(FileError) {
      guard try status().st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
    } catch {
      throw .file(error)
    }
    try begin(header)
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// Adds a row and its newline.
  ///
  /// - Throws: `FileError` when the system refuses; the file is as it was before then.
  package func append(_ row: String) throws(FileError) {
    let before = Int(try status().st_size)
    var bytes = Array((row + "\n").utf8)
    // A row that a crash has cut short stays a row of its own.
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
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .system(.sync, path: path, code: errno) }
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

  /// Up to so many bytes from a place on.
  private func bytes(at start: Int, count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
    guard read >= 0 else { throw .system(.read, path: path, code: errno) }
    return Array(bytes.prefix(read))
  }

  /// Writes the header, or finds it.
  private func begin(_ header: String?) throws(RowFileError) {
    guard let header else { return }
    let expected = Array(header.utf8)
    do throws(FileError) {
      if try status().st_size == 0 { return try append(header) }
      // A `\r` of an editor that has been there is no other header.
      let found = try bytes(at: 0, count: expected.count + 1)
      if found.starts(with: expected), [10, 13].contains(found.last) { return }
    } catch {
      throw .file(error)
    }
    throw .header(path: path, expected: header)
  }
}

/// Why rows cannot be added to a file.
package enum RowFileError: Error, Equatable, CustomStringConvertible {
  /// The system's reason.
  case file(FileError)
  /// The file begins with something else.
  case header(path: String, expected: String)

  /// What is wrong, with the path and the remedy.
  package var description: String {
    switch self {
    case .file(let error): error.description
    case .header(let path, let expected):
      "\(path.printable) is there and does not begin with the row \"\(expected)\"; name a new file"
    }
  }
}
