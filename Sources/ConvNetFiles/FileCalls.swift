import Glibc

/// The system calls that a safe write is made of.
///
/// A value, so that tests can let each of them fail, write short or stop the
/// process at that point. A replacement sets `errno` and returns -1 as the system would.
package struct FileCalls: Sendable {
  /// Opens `name` in an open folder with flags and mode.
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
  /// Renames `old` to `new` inside an open folder.
  package var rename: @Sendable (_ folder: Int32, _ old: String, _ new: String) -> Int32 = {
    Glibc.renameat($0, $1, $0, $2)
  }
  package var syncFolder: @Sendable (_ folder: Int32) -> Int32 = { Glibc.fsync($0) }

  package init() {}
}
