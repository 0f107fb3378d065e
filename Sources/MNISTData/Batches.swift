import Im2col

/// An order of images cut into batches; the last one is as small as it comes out.
///
///     let batches = try Batches(of: EpochShuffle(count: 50_000, seed: 0, epoch: 3).order, size: 32)
///     for batch in batches { ... }        // 1,563 batches, the last one of 16
public struct Batches: Sendable, RandomAccessCollection {
  /// The indices of all images in the order of the epoch.
  public let order: [Int]
  /// How many images every batch but the last has.
  public let size: Int

  /// Cuts an order into batches.
  ///
  /// - Throws: `ShapeError.notPositive` or `.tooLarge` when `size` is not in `1...Int32.max`.
  public init(of order: [Int], size: Int) throws(ShapeError) {
    try ShapeError.requirePositive(size, "the batch size")
    (self.order, self.size) = (order, size)
  }

  /// The first batch; batches count from 0.
  public var startIndex: Int { 0 }

  /// How many batches there are.
  public var endIndex: Int { order.count / size + (order.count.isMultiple(of: size) ? 0 : 1) }

  /// The indices of the images of one batch.
  public subscript(batch: Int) -> ArraySlice<Int> {
    precondition(indices.contains(batch), "batch \(batch) of \(count) does not exist")
    return order[batch * size..<Swift.min((batch + 1) * size, order.count)]
  }
}
