import ConvNetFiles
import Foundation

/// The folder of a download, created if it does not exist, and removed if the download fails.
struct NewFolder {
  /// The created folders, the outermost first.
  private var created: [String] = []

  init(_ path: String) throws(FileError) {
    guard !path.isEmpty else { throw .system(.create, path: path, code: ENOENT) }
    var missing: [String] = []
    var ancestor = path
    var isFolder: ObjCBool = false
    while !ancestor.isEmpty, !FileManager.default.fileExists(atPath: ancestor, isDirectory: &isFolder) {
      missing.append(ancestor)
      ancestor = (ancestor as NSString).deletingLastPathComponent
    }
    for folder in missing.reversed() {
      // Another process may have created it meanwhile.
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        let code = errno
        remove()
        throw .system(.create, path: folder, code: code)
      }
      created.append(folder)
    }
  }

  /// Removes the created folders that are empty.
  func remove() {
    for folder in created.reversed() { rmdir(folder) }
  }
}
