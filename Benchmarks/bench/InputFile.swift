import Foundation

/// A file that the user names.
enum InputFile {
  /// All bytes.
  ///
  /// - Throws: `Unreadable` in the system's words; Foundation's own are numbers where a folder is read.
  static func bytes(_ path: String) throws(Unreadable) -> Data {
    guard access(path, R_OK) == 0 else { throw Unreadable(reason: String(cString: strerror(errno))) }
    var isFolder: ObjCBool = false
    guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue else {
      throw Unreadable(reason: "it is a folder; name a file")
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw Unreadable(reason: error.localizedDescription)
    }
  }

  struct Unreadable: Error { let reason: String }
}
