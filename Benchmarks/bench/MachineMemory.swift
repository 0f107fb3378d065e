import Im2col

/// Keeps a shapes file from asking for more memory than there is, where an allocation would end the process:
/// each tensor of a layer may fit alone, and all of them together not.
enum MachineMemory {
  /// Throws the caller's error when something needs more than half of this machine's memory.
  static func require<E: Error>(_ needed: Double, orThrow error: (String) -> E) throws(E) {
    let allowed = Double(PhysicalMemory.bytes) / 2
    guard needed <= allowed else {
      throw error(
        """
        its tensors and their gradients need \(fixed(needed / 1e6, 0)) MB; half of the memory that this machine \
        has is \(fixed(allowed / 1e6, 0)) MB; use a smaller batch or fewer channels
        """)
    }
  }
}
