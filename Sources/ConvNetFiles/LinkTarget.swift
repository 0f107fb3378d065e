import Glibc

/// The target of a symbolic link whose file does not exist yet, which `realpath` cannot resolve.
enum LinkTarget {
  /// The maximum number of links to follow, equal to Linux's.
  private static let maxLinks = 40

  /// Follows links to the end; a path that is not a link is returned unchanged.
  ///
  /// - Throws: `FileError.system` with `ELOOP` for more than 40 links, `EILSEQ` for a link that is not UTF-8.
  static func resolve(_ path: String) throws(FileError) -> String {
    var resolved = path
    for _ in 0..<maxLinks {
      guard let link = try read(resolved, for: path) else { return resolved }
      if link.hasPrefix("/") {
        resolved = link
      } else if let slash = resolved.utf8.lastIndex(of: UInt8(ascii: "/")) {
        // Relative to the link's folder.
        resolved = String(resolved[...slash]) + link
      } else {
        resolved = link
      }
    }
    throw .system(.create, path: path, code: ELOOP)
  }

  /// The content of a link; nil if `link` is not one.
  private static func read(_ link: String, for path: String) throws(FileError) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    // Repairing a name that is not UTF-8 would give the name of another file.
    guard let target = String(validating: buffer[..<count], as: UTF8.self), count < buffer.count else {
      throw .system(.create, path: path, code: EILSEQ)
    }
    return target
  }
}
