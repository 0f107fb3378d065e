import Glibc

/// The system calls that write files and lock folders, and the receiver of warnings.
///
/// Tests replace them to make a call fail, write only a part, or stop the process at that point. A
/// replacement that fails sets `errno` and returns -1.
package struct FileCalls: Sendable {
  /// Opens `name` in an open folder.
  package var openAt: @Sendable (_ folder: Int32, _ name: String, _ flags: Int32, _ mode: mode_t) -> Int32 = {
    Glibc.openat($0, $1, $2, $3)
  }
  package var changeMode: @Sendable (_ descriptor: Int32, _ mode: mode_t) -> Int32 = { Glibc.fchmod($0, $1) }
  package var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int = {
    Glibc.write($0, $1, $2)
  }
  package var read: @Sendable (_ descriptor: Int32, _ into: UnsafeMutableRawPointer?, _ count: Int) -> Int = {
    Glibc.read($0, $1, $2)
  }
  package var sync: @Sendable (_ descriptor: Int32) -> Int32 = { Glibc.fsync($0) }
  package var close: @Sendable (_ descriptor: Int32) -> Int32 = { Glibc.close($0) }
  /// Renames `old` to `new` in an open folder.
  package var rename: @Sendable (_ folder: Int32, _ old: String, _ new: String) -> Int32 = {
    Glibc.renameat($0, $1, $0, $2)
  }
  package var syncFolder: @Sendable (_ folder: Int32) -> Int32 = { Glibc.fsync($0) }
  /// Locks a file for this process, without waiting.
  package var lock: @Sendable (_ descriptor: Int32) -> Int32 = { flock($0, LOCK_EX | LOCK_NB) }
  /// Receives what a file system refused without harm to the file.
  package var warn: @Sendable (FileError) -> Void = { _ in }

  package init() {}

  /// Whether `code` says that a file system has no fsync; FUSE and some network file systems have none.
  static func meansUnsupported(_ code: Int32) -> Bool { [EINVAL, ENOSYS, EOPNOTSUPP].contains(code) }
}
