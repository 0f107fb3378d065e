import Foundation
import Im2col

/// The memory of this machine, in bytes.
package struct Memory {
  /// Available without swapping; nil if the kernel does not report it.
  package let available: Int?
  /// The lowest limit of the process's control groups; nil without a limit.
  package let limit: Int?

  /// Needed to train LeNet-5 with the data in memory: measured, plus a margin.
  package static let neededForTraining = 120 << 20

  /// The minimum of all of them.
  package var usable: Int { [PhysicalMemory.bytes, available, limit].compactMap { $0 }.min() ?? 0 }

  /// Parses `/proc/meminfo` and the `memory.max` of control groups.
  package init(meminfo: String, limits: [String]) {
    let line = meminfo.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kibibytes = line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
    available = kibibytes.map { $0.multipliedReportingOverflow(by: 1024) }.flatMap {
      $0.overflow ? nil : $0.partialValue
    }
    limit = limits.compactMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }.min()
  }

  /// The memory of this process.
  package static var current: Memory {
    let text = { (path: String) in try? String(contentsOfFile: path, encoding: .utf8) }
    let groups = AvailableCores.groups(inList: text("/proc/self/cgroup") ?? "")
    return Memory(
      meminfo: text("/proc/meminfo") ?? "",
      limits: groups.compactMap { text("/sys/fs/cgroup\($0)/memory.max") })
  }

  /// A size such as `24.0 GB`.
  static func text(_ bytes: Int) -> String {
    bytes < 1_000_000_000
      ? "\(NumberText.fixed(Double(bytes) / 1e6, 0)) MB" : "\(NumberText.fixed(Double(bytes) / 1e9, 1)) GB"
  }
}
