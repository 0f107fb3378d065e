import CKernels

/// Partial sums over parts of the pixels, which a final stage adds in the order of the parts.
struct PartialSums: Sendable {
  /// The number of scalars of one partial sum.
  let count: Int
  /// The number of parts; a single part writes the result directly.
  let parts: Int

  private var blocks: EvenCut { EvenCut(count, atMost: 8_192) }

  /// The stage that adds the parts, if there are several.
  var stages: [Int] { parts > 1 ? [blocks.count] : [] }

  /// Scalars of shared memory for all parts.
  var floats: Int { parts > 1 ? parts * count : 0 }

  /// Returns the memory that part `part` writes.
  func target(of part: Int, _ operands: PassOperands) -> UnsafeMutablePointer<Float> {
    parts > 1 ? operands.shared + part * count : operands.result
  }

  /// Whether a part adds to the previous contents of its target.
  func accumulates(_ operands: PassOperands) -> Bool { parts == 1 && operands.accumulates }

  /// Adds one block of elements over all parts.
  func add(unit: Int, _ operands: PassOperands) {
    let block = blocks[unit]
    ckernels_sum_parts(
      operands.shared + block.lowerBound, Int64(parts), Int64(count), Int64(block.count),
      operands.result + block.lowerBound, operands.accumulates ? 1 : 0)
  }
}
