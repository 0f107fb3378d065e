import Glibc

/// Where a symbolic link leads that points to no file yet; `realpath` says nothing about those.
enum LinkTarget {
  /// As many as Linux itself follows.
  private static let maxLinks = 40

  /// Follows links until there is none; a path that is no link is returned as it is.
  static func resolve(_ path: String) throws(FileError) -> String {
    var place = path
    for _ in 0..<maxLinks {
      guard let link = try read(place, for: path) else { return place }
      if link.hasPrefix("/") {
        place = link
      } else if let slash = place.utf8.lastIndex(of: UInt8(ascii: "/")) {
        // Relative to the folder that the link lies in.
        place = String(place[...slash]) + link
      } else {
        place = link
      }
    }
    throw .system(.create, path: path, code: ELOOP)
  }

  /// What a link says; nil where there is no link.
  private static func read(_ place: String, for path: String) throws(FileError) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(place, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    // A name that is no UTF-8 would be repaired into another file's.
    guard let link = String(validating: buffer[..<count], as: UTF8.self), count < buffer.count else {
      throw .system(.create, path: path, code: EILSEQ)
    }
    return link
  }
}
