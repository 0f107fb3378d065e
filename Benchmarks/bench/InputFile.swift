import Foundation

/// A file that the user names.
enum InputFile {
  /// Reads all bytes.
  ///
  /// - Throws: `Unreadable` with the message of the system; Foundation's message for a folder is a number.
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
