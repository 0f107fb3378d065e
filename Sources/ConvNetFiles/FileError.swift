import Glibc

/// A file that could not be read or written.
///
/// The text of every case names the path, what the system said and what to do about it.
public enum FileError: Error, Sendable, Equatable {
  /// The system refused one step; `code` is its `errno`.
  case system(Step, path: String, code: Int32)
  /// The path leads to a folder, a device or a pipe, which hold no model.
  case notRegular(path: String)
  /// The file became shorter while it was read.
  case shrank(path: String, expected: Int, actual: Int)
  /// What was read back differs from what was written, first at a byte offset.
  case verification(path: String, offset: Int)

  /// The step of reading or writing that failed, as it reads in the message.
  public enum Step: String, Sendable {
    /// Opening a file that should be there.
    case open
    /// Reading bytes.
    case read
    /// Creating a folder.
    case createFolder = "create the folder"
    /// PredictionSession which files a folder has.
    case list = "list the folder"
    /// Keeping a folder for this process alone.
    case lock = "lock the folder with"
    /// Opening the folder of the file.
    case openFolder = "open the folder of"
    /// Creating the temporary file beside the target.
    case create = "create a temporary file for"
    /// Giving the temporary file the permissions of the file that it replaces.
    case setMode = "set the permissions of"
    /// Writing bytes.
    case write
    /// Forcing the bytes onto the disk.
    case sync = "force to the disk"
    /// Closing the written file.
    case close
    /// Reading the written bytes back.
    case readBack = "read back"
    /// Putting the finished file in the place of the old one.
    case rename = "put the new file in the place of"
    /// Forcing the new name onto the disk; the new file is already in place.
    case syncFolder = "force to the disk the folder of"
  }
}

extension FileError: CustomStringConvertible {
  /// What is wrong, with the path, the system's words, and the remedy.
  public var description: String {
    switch self {
    case .system(let step, let path, let code):
      "cannot \(step.rawValue) \(path.printable): \(String(cString: strerror(code))) (errno \(code)); "
        + Self.remedy(step, code)
    case .notRegular(let path):
      "\(path.printable) is a folder, a device or a pipe; name a regular file"
    case .shrank(let path, let expected, let actual):
      "\(path.printable) had \(expected) bytes but ended after \(actual); wait until nothing writes it, then read it again"
    case .verification(let path, let offset):
      "\(path.printable) was left as it was: what was written read back differently at byte \(offset); "
        + "check the disk and write again"
    }
  }

  private static func remedy(_ step: Step, _ code: Int32) -> String {
    // What is to be read has no folder to be made for it.
    let makes: Set<Step> = [.openFolder, .create, .createFolder, .lock]
    if code == ENOENT, makes.contains(step) { return "create the folder first" }
    return remedies[code] ?? "check the path and the file system"
  }

  private static let remedies: [Int32: String] = [
    EACCES: "check the permissions of the file and of its folders",
    EDQUOT: "free some of your disk quota",
    EEXIST: "write again",
    EFBIG: "raise the limit on file sizes (ulimit -f)",
    EINVAL: "use a path without NUL bytes, on a local file system",
    EIO: "the disk reported an error; write to another disk",
    EISDIR: "name a file, not a folder",
    ELOOP: "too many symbolic links; name the file itself",
    EMFILE: "close files or raise the limit on open ones (ulimit -n)",
    ENAMETOOLONG: "use a shorter name",
    ENOENT: "check the spelling of the path",
    ENOSPC: "free some disk space",
    ENOTDIR: "a part of the path is a file, not a folder",
    ENOLCK: "use a folder on a local file system",
    ENOTSUP: "use a folder on a local file system",
    EPERM: "check the permissions of the file and of its folders",
    EROFS: "the disk is read-only; write elsewhere",
  ]
}
