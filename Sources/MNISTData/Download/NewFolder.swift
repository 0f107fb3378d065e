import ConvNetFiles
import Foundation

/// A folder to download into, made where it is not there, and unmade if nothing came of it.
struct NewFolder {
  /// What had to be made, the outermost first.
  private var made: [String] = []

  init(_ path: String) throws(FileError) {
    guard !path.isEmpty else { throw .system(.create, path: path, code: ENOENT) }
    var missing: [String] = []
    var place = path
    var isFolder: ObjCBool = false
    while !place.isEmpty, !FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) {
      missing.append(place)
      place = (place as NSString).deletingLastPathComponent
    }
    for folder in missing.reversed() {
      // Somebody else may have made it meanwhile.
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        let code = errno
        remove()
        throw .system(.create, path: folder, code: code)
      }
      made.append(folder)
    }
  }

  /// Removes what was made, as far as nothing lies in it.
  func remove() {
    for folder in made.reversed() { rmdir(folder) }
  }
}
