import Im2col

/// Rejects layers whose tensors do not fit in memory together: a failed allocation would end the process.
enum MachineMemory {
  /// Throws the caller's error if more than half of this machine's memory is needed.
  static func require<E: Error>(_ needed: Double, orThrow error: (String) -> E) throws(E) {
    let allowed = Double(PhysicalMemory.bytes) / 2
    guard needed <= allowed else {
      throw error(
        """
        its tensors and their gradients need \(fixed(needed / 1e6, 0)) MB, more than half of the memory that this \
        machine has (\(fixed(allowed / 1e6, 0)) MB); use a smaller batch or fewer channels
        """)
    }
  }
}
