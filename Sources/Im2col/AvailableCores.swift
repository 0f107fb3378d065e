#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How many cores this process may use: the CPUs it is bound to, or less where a
/// control group grants it a smaller share (`docker run --cpus`).
package enum AvailableCores {
  /// CPUs in the affinity mask, capped by the quota of the control groups rounded up; at least 1.
  package static var count: Int {
    limitsOfGroups.compactMap { quota(ofLimit: $0) }.reduce(max(1, affinity), min)
  }

  /// CPUs that the scheduler may place this process on.
  package static var affinity: Int {
    allowedCPUs(inStatus: contents(of: "/proc/self/status") ?? "")
      ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// The bits set in the mask of a process' status: `"Cpus_allowed:\t3,ffffffff"` is 34.
  ///
  /// Read as text because `sched_getaffinity` is out of Swift's sight without `_GNU_SOURCE`.
  package static func allowedCPUs(inStatus text: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    let count = line.dropFirst(name.count).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    return count > 0 ? count : nil
  }

  /// Whole cores that a control group's `cpu.max` grants: `"150000 100000"` is 2, `"max 100000"` is nil.
  package static func quota(ofLimit text: String?) -> Int? {
    guard let fields = text?.split(whereSeparator: { $0 == " " || $0 == "\n" }), fields.count == 2,
      let quota = Int(fields[0]), let period = Int(fields[1]), quota > 0, period > 0
    else { return nil }
    return max(1, (quota - 1) / period + 1)
  }

  /// What `cpu.max` says of this process' control group and of those around it, or the same put together
  /// from version 1's two files.
  package static var limitsOfGroups: [String] {
    let limits = groups(inList: contents(of: "/proc/self/cgroup") ?? "")
      .compactMap { contents(of: "/sys/fs/cgroup\($0)/cpu.max") }
    if !limits.isEmpty { return limits }
    guard let quota = contents(of: "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
      let period = contents(of: "/sys/fs/cgroup/cpu/cpu.cfs_period_us")
    else { return [] }
    return [quota + " " + period]
  }

  /// The group of version 2's hierarchy and its parents: `"0::/a/b"` is `["/a/b", "/a", ""]`.
  package static func groups(inList text: String) -> [String] {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [""] }
    var path = line.dropFirst("0::".count)
    var groups: [String] = []
    while let slash = path.lastIndex(of: "/") {
      if slash < path.index(before: path.endIndex) { groups.append(String(path)) }
      path = path[..<slash]
    }
    return groups + [""]
  }

  /// The beginning of a file that the kernel writes: all that is looked for stands there.
  static func contents(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
