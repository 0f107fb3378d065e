import Glibc

/// The memory of this machine; a larger tensor is refused with an error.
package enum PhysicalMemory {
  /// The number of bytes, or `Int.max` if the system does not report it.
  package static let bytes: Int = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
    return pages > 0 && size > 0 && !overflow ? bytes : Int.max
  }()
}

/// Files that the kernel generates, under `/proc` and `/sys`.
package enum SystemFile {
  /// Returns the first 16 KiB of a file, or nil if it is missing or empty.
  package static func text(at path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
