import CKernels

/// Sums that parts of the pixels make apart and that are then added in the order of the parts.
struct PartialSums: Sendable {
  /// Scalars of one sum.
  let count: Int
  /// How many parts; a single one writes the result itself.
  let parts: Int

  private var blocks: EvenCut { EvenCut(count, atMost: 8_192) }

  /// The stage that adds the parts up, where there are several.
  var stages: [Int] { parts > 1 ? [blocks.count] : [] }

  /// Scalars that the parts need.
  var floats: Int { parts > 1 ? parts * count : 0 }

  /// Where part `part` writes.
  func target(of part: Int, _ operands: PassOperands) -> UnsafeMutablePointer<Float> {
    parts > 1 ? operands.shared + part * count : operands.result
  }

  /// Whether a part adds to what its target holds from the beginning.
  func accumulates(_ operands: PassOperands) -> Bool { parts == 1 && operands.accumulates }

  /// Adds one block of all parts.
  func add(unit: Int, _ operands: PassOperands) {
    let block = blocks[unit]
    ckernels_sum_parts(
      operands.shared + block.lowerBound, Int64(parts), Int64(count), Int64(block.count),
      operands.result + block.lowerBound, operands.accumulates ? 1 : 0)
  }
}
