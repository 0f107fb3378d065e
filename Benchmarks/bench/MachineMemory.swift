import Foundation

/// Keeps a shapes file from asking for more memory than there is, where an allocation would end the process.
enum MachineMemory {
  /// Bytes of memory in this machine.
  static var bytes: Double { Double(ProcessInfo.processInfo.physicalMemory) }

  /// Throws the caller's error when something needs more than half of the machine's memory.
  static func require<E: Error>(_ needed: Double, orThrow error: (String) -> E) throws(E) {
    guard needed <= bytes / 2 else {
      throw error(
        """
        its tensors need \(Int(min(needed, 9e18)) / 1_000_000) MB; half of this machine's memory is \
        \(Int(bytes / 2) / 1_000_000) MB; use a smaller batch or fewer channels
        """)
    }
  }
}
