import Glibc

/// A file that could not be read or written.
///
/// Every description has the path, the cause and a remedy.
public enum FileError: Error, Sendable, Equatable {
  /// A system call failed; `code` is its `errno`.
  case system(Step, path: String, code: Int32)
  /// The path names a folder, a device or a pipe.
  case notRegular(path: String)
  /// The file was truncated while it was read.
  case shrank(path: String, expected: Int, actual: Int)
  /// A file that the program names itself is a link, or a second name of another file.
  case linked(path: String)
  /// The bytes read back differ from those written, first at `offset`.
  case verification(path: String, offset: Int)

  /// The step of reading or writing that failed, as it appears in the message.
  public enum Step: String, Sendable {
    /// Opening an existing file.
    case open
    /// Reading bytes.
    case read
    /// Creating a folder.
    case createFolder = "create the folder"
    /// Listing the files of a folder.
    case list = "list the folder"
    /// Locking a folder for this process.
    case lock
    /// Opening the folder of the file.
    case openFolder = "open the folder of"
    /// Creating the temporary file in the folder of the target.
    case create = "create a temporary file for"
    /// Setting the temporary file's permissions to those of the file that it replaces.
    case setMode = "set the permissions of"
    /// Writing bytes.
    case write
    /// Syncing the bytes to disk.
    case sync
    /// Closing the written file.
    case close
    /// Reading the written bytes back.
    case readBack = "read back"
    /// Renaming the new file over the old one.
    case rename = "replace"
    /// Syncing the new name to disk; the new file is already in place.
    case syncFolder = "sync the folder of"
  }
}

extension FileError: CustomStringConvertible {
  /// What is wrong, with the path, the cause and a remedy.
  public var description: String {
    switch self {
    case .system(let step, let path, let code):
      "cannot \(step.rawValue) \(path.printable): \(String(cString: strerror(code))) (errno \(code)); "
        + Self.remedy(step, code)
    case .notRegular(let path):
      "\(path.printable) is a folder, a device or a pipe; specify a regular file"
    case .linked(let path):
      "\(path.printable) is a link or has a second name, but must be a file of its own; "
        + "copy it (cp -L), and move the copy over it"
    case .shrank(let path, let expected, let actual):
      "\(path.printable) had \(expected) bytes but ended after \(actual); wait until no program writes to it, then read it again"
    case .verification(let path, let offset):
      "\(path.printable) was not written: the bytes read back differ from byte \(offset) on; "
        + "check the disk and write again"
    }
  }

  private static func remedy(_ step: Step, _ code: Int32) -> String {
    // For steps that only read, a missing folder is a wrong path.
    let creatingSteps: Set<Step> = [.openFolder, .create, .createFolder, .lock]
    // A mounted drive may refuse these.
    let refusableSteps: Set<Step> = [.setMode, .sync, .syncFolder]
    if code == ENOENT, creatingSteps.contains(step) { return "create the folder first" }
    if refusableSteps.contains(step), ![EIO, ENOSPC, EDQUOT].contains(code) {
      return "use a folder on a local file system"
    }
    return remedies[code] ?? "check the path and the file system"
  }

  private static let remedies: [Int32: String] = [
    EACCES: "check the permissions of the file and its folders",
    EDQUOT: "free some of your disk quota",
    EEXIST: "write again",
    EFBIG: "raise the limit on file sizes (ulimit -f)",
    EINVAL: "use a path without NUL bytes, on a local file system",
    EIO: "check the disk, or use another one",
    EISDIR: "specify a file, not a folder",
    ELOOP: "specify the file itself instead of a symbolic link",
    EMFILE: "close files or raise the limit on open files (ulimit -n)",
    ENAMETOOLONG: "use a shorter name",
    ENOENT: "check the spelling of the path",
    ENOSPC: "free some disk space",
    ENOSYS: "use a folder on a local file system",
    ENOTDIR: "correct the path: a part of it is a file, not a folder",
    ENOLCK: "use a folder on a local file system",
    ENOTSUP: "use a folder on a local file system",
    EPERM: "check the permissions of the file and its folders",
    EROFS: "write to another disk",
  ]
}
