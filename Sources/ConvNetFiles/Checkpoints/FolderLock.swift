import Glibc

/// An advisory lock (flock(2)) on a file in a folder, which reserves the folder for one training run.
///
/// The kernel releases the lock when the process ends, so the file of a killed run does not block
/// others. The file is never removed: otherwise two runs could lock two files of the same name.
struct FolderLock: ~Copyable {
  /// The path of the lock file.
  let path: String
  /// Whether the folder is locked; false on a file system without locks.
  let isHeld: Bool
  private let folder: String
  private let descriptor: Int32

  static let name = ".lock"

  /// Locks a folder; a file system without locks is a warning.
  ///
  /// - Throws: `CheckpointError.locked` when another training run uses the folder, `.file` when the lock file
  ///   cannot be created or is a link.
  init(folder: String, calls: FileCalls) throws(CheckpointError) {
    let path = CheckpointName.path(FolderLock.name, in: folder)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else {
      throw .file(errno == ELOOP ? .linked(path: path) : .system(.lock, path: path, code: errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink <= 1 else {
      close(descriptor)
      throw .file(status.st_mode & S_IFMT == S_IFREG ? .linked(path: path) : .notRegular(path: path))
    }
    if calls.lock(descriptor) != 0 {
      let code = errno
      guard code != EWOULDBLOCK else {
        let holder = FolderLock.holder(descriptor)
        close(descriptor)
        throw .locked(folder: folder, process: holder)
      }
      // Lustre, NFS and FUSE may have no locks.
      calls.warn(.system(.lock, path: path, code: code))
      isHeld = false
    } else {
      // Only for the error above, so a failed write is ignored.
      let number = Array("\(getpid())\n".utf8)
      if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, number, number.count, 0) }
      isHeld = true
    }
    (self.path, self.folder, self.descriptor) = (path, folder, descriptor)
  }

  deinit { close(descriptor) }

  /// Checks that the path still names the locked file: the folder may have been removed and created again by
  /// another training run.
  ///
  /// - Throws: `CheckpointError.folderReplaced`.
  func requireHeld() throws(CheckpointError) {
    var (locked, current) = (stat(), stat())
    guard fstat(descriptor, &locked) == 0, stat(path, &current) == 0, locked.st_ino == current.st_ino,
      locked.st_dev == current.st_dev
    else { throw .folderReplaced(folder) }
  }

  /// The ID of the process that holds the lock, as written in the file.
  private static func holder(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
  }
}
