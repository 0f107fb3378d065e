import Glibc

/// Keeps a folder for one training: an advisory lock (flock(2)) on a file in it.
///
/// The kernel lets go of it when the process ends, however it ends, so a file left by a killed training
/// blocks nobody. The file stays: removing it would let two trainings lock two files of the same name.
struct FolderLock: ~Copyable {
  /// The lock file.
  let path: String
  private let folder: String
  private let descriptor: Int32

  static let name = ".lock"

  /// - Throws: `CheckpointError.locked` when another training has the folder, `.file` when it cannot be locked.
  init(folder: String) throws(CheckpointError) {
    let path = CheckpointName.path(FolderLock.name, in: folder)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else { throw .file(.system(.lock, path: path, code: errno)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let holder = FolderLock.holder(descriptor)
      close(descriptor)
      if code == EWOULDBLOCK { throw .locked(folder: folder, process: holder) }
      throw .file(.system(.lock, path: path, code: code))
    }
    // Only for the message above; a full disk shall complain where it matters.
    let number = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, number, number.count, 0) }
    (self.path, self.folder, self.descriptor) = (path, folder, descriptor)
  }

  deinit { close(descriptor) }

  /// Checks that the path still leads to the file that is locked: somebody may have removed the folder and
  /// another training may have made it anew.
  ///
  /// - Throws: `CheckpointError.folderReplaced`.
  func requireHeld() throws(CheckpointError) {
    var (mine, there) = (stat(), stat())
    guard fstat(descriptor, &mine) == 0, stat(path, &there) == 0, mine.st_ino == there.st_ino,
      mine.st_dev == there.st_dev
    else { throw .folderReplaced(folder) }
  }

  /// The process that wrote its number into the file.
  private static func holder(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self))
  }
}
