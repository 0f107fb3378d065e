/// The division of the trainable parameters into blocks that workers update.
enum UpdateBlocks {
  /// Parameters in a block: tens of kilobytes with their gradients and moments.
  private static let scalars = 8_192
  /// The approximate number of blocks of a large model.
  private static let maxBlocks = 64

  /// Returns blocks that cover `0..<count` except for the frozen ranges.
  static func cut(_ count: Int, frozen: [Range<Int>] = []) -> [Range<Int>] {
    let size = max(scalars, count / maxBlocks)
    var blocks: [Range<Int>] = []
    var start = 0
    for end in frozen.sorted(by: { $0.lowerBound < $1.lowerBound }) + [count..<count] {
      while start < end.lowerBound {
        let next = min(start + size, end.lowerBound)
        blocks.append(start..<next)
        start = next
      }
      start = max(start, end.upperBound)
    }
    return blocks
  }
}
