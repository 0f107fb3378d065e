import Glibc

/// Atomic writes: a path names either the complete old file or the complete new file.
///
///     create .NAME.RANDOM.tmp -> write -> fsync -> close -> read back -> rename -> fsync folder
///     '------------------ the old file is unchanged until here ------------------'
///
/// The last step syncs the new name: without it, a loss of power may lose a file whose bytes were synced
/// (Pillai et al., OSDI 2014).
public enum AtomicFile {
  /// Failures of fsync after which pages may be lost.
  private static let lostPages = [EIO, ENOSPC, EDQUOT]

  /// Replaces or creates the file at `path`.
  ///
  /// A new file has the permissions `rw-rw-rw-` minus the umask; a replaced file keeps its permissions. A
  /// symbolic link is kept, and its target is replaced or created.
  ///
  /// It is no error if the file system cannot keep permissions or has no fsync, or if the folder cannot be synced: the
  /// file is complete, but a loss of power may bring back the old one.
  ///
  /// - Throws: `FileError`. The temporary file is removed, and the old file is unchanged.
  /// - Complexity: O(*n*) where *n* is the number of bytes, which are written once and read once.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try write(bytes, to: path, calls: FileCalls())
  }

  /// Checks that a file can be written at `path`, before the work that produces it.
  ///
  /// Creates and removes a temporary file in the same folder, because permissions alone do not reveal a
  /// read-only disk.
  ///
  /// - Throws: `FileError` as `write` would.
  public static func requireWritable(_ path: String) throws(FileError) {
    let target = try Target(path: path)
    let folder = Glibc.open(target.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .system(.openFolder, path: path, code: errno) }
    defer { Glibc.close(folder) }
    let temporary = target.temporaryName()
    let descriptor = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(.create, path: path, code: errno) }
    Glibc.close(descriptor)
    unlinkat(folder, temporary, 0)
  }

  /// - Parameters:
  ///   - calls: the system calls, and the receiver of warnings.
  ///   - followsLinks: whether the target of a symbolic link is written; otherwise the link is replaced.
  package static func write(
    _ bytes: [UInt8], to path: String, calls: FileCalls, followsLinks: Bool = true
  ) throws(FileError) {
    let target = try Target(path: path, followsLinks: followsLinks)
    let folder = Glibc.open(target.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .system(.openFolder, path: path, code: errno) }
    defer { Glibc.close(folder) }

    try bytes.withUnsafeBufferPointer { buffer throws(FileError) in
      let attempt = Attempt(
        bytes: UnsafeRawBufferPointer(buffer), path: path, target: target, folder: folder, calls: calls)
      // After a failed fsync the kernel may mark the lost pages clean, and a second fsync proves nothing
      // (Rebello et al., USENIX ATC 2020), so retry with a new file.
      var attemptsLeft = 3
      while true {
        attemptsLeft -= 1
        do throws(FileError) {
          return try attempt.run()
        } catch .system(.sync, _, let code) where attemptsLeft > 0 && Self.lostPages.contains(code) {
          continue
        }
      }
    }
  }
}

/// The path to write, with links resolved if they are followed, and the file that exists there.
private struct Target {
  let folder: String
  let name: String
  /// The permissions of the file to replace; nil if there is none.
  var mode: mode_t?

  init(path: String, followsLinks: Bool = true) throws(FileError) {
    guard !path.utf8.contains(0) else { throw .system(.create, path: path, code: EINVAL) }
    var resolved = path
    var status = stat()
    let isLink = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    if !followsLinks && isLink {
      // The name is replaced, and the link's target stays.
    } else if stat(path, &status) == 0 {
      // Renaming over a device or pipe would destroy it.
      guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
      // Renaming checks the folder's permissions only, so a read-only file needs this check.
      guard access(path, W_OK) == 0 else { throw .system(.write, path: path, code: errno) }
      mode = status.st_mode & 0o777
      if followsLinks, let real = realpath(path, nil) {
        resolved = String(cString: real)
        free(real)
      }
    } else if errno == ENOENT {
      resolved = try LinkTarget.resolve(path)
    } else {
      throw .system(.create, path: path, code: errno)
    }

    guard let slash = resolved.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      (folder, name) = (".", resolved)
      guard !name.isEmpty else { throw .system(.create, path: path, code: ENOENT) }
      return
    }
    folder = String(resolved[...slash])
    name = String(resolved[resolved.utf8.index(after: slash)...])
    guard !name.isEmpty else { throw .system(.create, path: path, code: EISDIR) }
  }

  /// An unused name in the target's folder, within the 255 bytes that file systems allow.
  func temporaryName() -> String {
    var stem = name
    while stem.utf8.count > 200 { stem.removeLast() }
    return ".\(stem).\(String(UInt64.random(in: 0...UInt64.max), radix: 16)).tmp"
  }
}

/// One attempt, with its own temporary file.
private struct Attempt {
  let bytes: UnsafeRawBufferPointer
  let path: String
  let target: Target
  let folder: Int32
  let calls: FileCalls

  func run() throws(FileError) {
    let temporary = target.temporaryName()
    // Never more permissive than the old file, even if the permissions cannot be changed.
    let mode = (target.mode ?? 0o666) & 0o666
    let descriptor = calls.openAt(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(.create) }
    do throws(FileError) {
      do throws(FileError) {
        try fill(descriptor)
      } catch {
        _ = calls.close(descriptor)
        throw error
      }
      // Linux closes the descriptor even if it reports an interruption.
      guard calls.close(descriptor) == 0 || errno == EINTR else { throw failure(.close) }
      try verify(temporary)
      guard calls.rename(folder, temporary, target.name) == 0 else { throw failure(.rename) }
    } catch {
      unlinkat(folder, temporary, 0)
      throw error
    }
    // The new file is in place and its bytes are synced; only after a loss of power may its name be missing.
    if calls.syncFolder(folder) != 0 { calls.warn(failure(.syncFolder)) }
  }

  private func fill(_ descriptor: Int32) throws(FileError) {
    if let mode = target.mode, calls.changeMode(descriptor, mode) != 0 { calls.warn(failure(.setMode)) }
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = calls.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(.write)
      }
      // A write of 0 bytes that reports no error would loop forever.
      guard count > 0 else { throw .system(.write, path: path, code: ENOSPC) }
      written += count
    }
    guard calls.sync(descriptor) == 0 else {
      let failure = failure(.sync)
      guard case .system(_, _, let code) = failure, FileCalls.meansUnsupported(code) else { throw failure }
      return calls.warn(failure)
    }
  }

  /// Compares the closed temporary file with the bytes, block by block.
  private func verify(_ temporary: String) throws(FileError) {
    let descriptor = calls.openAt(folder, temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
    guard descriptor >= 0 else { throw failure(.readBack) }
    defer { _ = calls.close(descriptor) }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { block.deallocate() }

    var compared = 0
    while true {
      let count = calls.read(descriptor, block.baseAddress, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(.readBack)
      }
      guard count > 0 else { break }
      let expected = bytes[compared..<min(compared + count, bytes.count)]
      let actual = block[..<expected.count]
      if !areEqual(UnsafeRawBufferPointer(rebasing: expected), UnsafeRawBufferPointer(rebasing: actual)) {
        let equal = zip(expected, actual).prefix { $0 == $1 }.count
        throw .verification(path: path, offset: compared + equal)
      }
      compared += expected.count
      guard count == expected.count else { throw .verification(path: path, offset: compared) }
    }
    guard compared == bytes.count else { throw .verification(path: path, offset: compared) }
  }

  /// Whether two buffers of the same size are equal.
  private func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard let a = a.baseAddress, let start = b.baseAddress else { return true }
    return memcmp(a, start, b.count) == 0
  }

  private func failure(_ step: FileError.Step) -> FileError {
    .system(step, path: path, code: errno)
  }
}
