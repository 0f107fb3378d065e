import Glibc

/// The number of cores that this process may use: the CPUs in its affinity mask, or fewer if a
/// control group limits it (`docker run --cpus`).
package enum AvailableCores {
  /// CPUs in the affinity mask, capped by the quota of the control groups, rounded up; at least 1.
  package static var count: Int {
    limitsOfGroups.compactMap { quota(ofLimit: $0) }.reduce(max(1, affinity), min)
  }

  /// CPUs in the affinity mask of this process.
  package static var affinity: Int {
    allowedCPUs(inStatus: SystemFile.text(at: "/proc/self/status") ?? "")
      ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Returns the number of bits set in the mask of a process status: `"Cpus_allowed:\t3,ffffffff"` is 34.
  ///
  /// The status is parsed as text because Swift does not import `sched_getaffinity` without `_GNU_SOURCE`.
  package static func allowedCPUs(inStatus text: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    let count = line.dropFirst(name.count).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
    return count > 0 ? count : nil
  }

  /// Returns the whole cores that a control group's `cpu.max` grants: 2 for `"150000 100000"`, nil for
  /// `"max 100000"`.
  package static func quota(ofLimit text: String?) -> Int? {
    guard let fields = text?.split(whereSeparator: { $0 == " " || $0 == "\n" }), fields.count == 2,
      let quota = Int(fields[0]), let period = Int(fields[1]), quota > 0, period > 0
    else { return nil }
    return max(1, (quota - 1) / period + 1)
  }

  /// The text of `cpu.max` of this process's control group and its parents, or the same text composed from
  /// the two files of cgroup version 1.
  package static var limitsOfGroups: [String] {
    let limits = groups(inList: SystemFile.text(at: "/proc/self/cgroup") ?? "")
      .compactMap { SystemFile.text(at: "/sys/fs/cgroup\($0)/cpu.max") }
    if !limits.isEmpty { return limits }
    guard let quota = SystemFile.text(at: "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
      let period = SystemFile.text(at: "/sys/fs/cgroup/cpu/cpu.cfs_period_us")
    else { return [] }
    return [quota + " " + period]
  }

  /// Returns the group in the version 2 hierarchy and its parents: `["/a/b", "/a", ""]` for `"0::/a/b"`.
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
}
