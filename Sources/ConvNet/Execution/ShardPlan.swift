/// The division of a batch into gradient shards and micro-batches.
///
///     images         | 0 ... 15 | 16 ... 31 | 32 ... 47 | 48 ... 63 | 64 ... 70 |
///     shards         |    0     |     1     |     2     |     3     |     4     |   at most 8, of whole
///     micro-batches  |  0  |  1  |  2  |  3  | ...                               |  groups of 16 images
///
/// The shards depend on the number of images alone. Each accumulates its gradient in the order of its
/// micro-batches, on any thread. The gradients of the shards are then added along a fixed tree, so the order
/// of additions does not depend on the threads.
package struct ShardPlan: Sendable, Equatable {
  /// Images in a group: enough for efficient matrix products, and few enough that the activations of a
  /// small network stay in a core's cache; and LeNet-5's products stay below the size above which OpenBLAS
  /// packs its operands.
  package static let groupImages = 16
  /// The maximum number of shards; the cost of summing them grows with their number.
  package static let maxShards = 8

  /// The number of images in the batch.
  package let images: Int
  /// The number of images in a micro-batch; the last one of a shard may be smaller.
  package let microBatchImages: Int

  package init(images: Int, microBatchImages: Int = ShardPlan.groupImages) {
    (self.images, self.microBatchImages) = (images, microBatchImages)
  }

  private var groups: Int { (images + ShardPlan.groupImages - 1) / ShardPlan.groupImages }

  package var shards: Int { min(groups, ShardPlan.maxShards) }

  /// The images of a shard.
  package func images(ofShard shard: Int) -> Range<Int> {
    let first = shard * groups / shards * ShardPlan.groupImages
    let end = (shard + 1) * groups / shards * ShardPlan.groupImages
    return first..<min(end, images)
  }

  /// The micro-batches of a shard, in order.
  package func microBatches(ofShard shard: Int) -> [Range<Int>] {
    let images = images(ofShard: shard)
    return stride(from: images.lowerBound, to: images.upperBound, by: microBatchImages).map {
      $0..<min($0 + microBatchImages, images.upperBound)
    }
  }

  /// The number of micro-batches, where shards do not matter.
  package var microBatches: Int { (images + microBatchImages - 1) / microBatchImages }

  /// The images of a micro-batch, where shards do not matter.
  package func images(ofMicroBatch microBatch: Int) -> Range<Int> {
    microBatch * microBatchImages..<min((microBatch + 1) * microBatchImages, images)
  }
}
