import CKernels

import Glibc

/// The CPU as Linux describes it.
package struct Processor: Sendable {
  /// The model name.
  package let name: String
  /// The instruction sets that matter to the vector loops and to OpenBLAS.
  package let features: [String]

  /// Parses the text of `/proc/cpuinfo`; missing entries give an unknown name and no features.
  package init(cpuinfo text: String) {
    func value(of key: String) -> Substring? {
      text.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1).last?
        .drop { $0 == " " }
    }
    name = value(of: "model name").map { String($0).trimmedEnd } ?? "unknown CPU"
    let present = Set((value(of: "flags") ?? value(of: "Features") ?? "").split(separator: " "))
    features = Self.interesting.filter { present.contains(Substring($0)) }
  }

  /// The CPU of this machine.
  package static var current: Processor {
    Processor(cpuinfo: SystemFile.text(at: "/proc/cpuinfo") ?? "")
  }

  /// The level of the vector loops that this process runs: see `ckernels_level`.
  package static var kernelLevel: String { String(cString: ckernels_level()) }

  private static let interesting = [
    "sse4_2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_tile", "asimd",
    "sve",
  ]
}

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
enum SystemFile {
  /// Returns the first 16 KiB of a file, or nil if it is missing or empty.
  static func text(at path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
