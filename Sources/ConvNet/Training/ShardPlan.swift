/// The division of a batch into micro-batches and gradient shards, determined by the number of images.
///
///     micro-batches  | 0 | 1 | 2 | 3   4 | 5 | 6 | 7 | 8   9 |   of 16 images; the last one may be smaller
///     shards         | 0 | 1 | 2 |   3   | 4 | 5 | 6 |   7   |   at most 8, of adjacent micro-batches
///
/// Each shard accumulates its gradient in the order of its micro-batches, on any thread. The gradients of the
/// shards are then summed along a fixed binary tree, so the order of additions does not depend on the
/// threads.
package struct ShardPlan: Sendable, Equatable {
  /// Images in a micro-batch: enough for efficient matrix products, and few enough that the activations of a
  /// small network stay in a core's cache; and LeNet-5's products stay below the size above which OpenBLAS
  /// packs its operands.
  package static let microBatchImages = 16
  /// The maximum number of shards; the cost of summing them grows with their number.
  package static let maxShards = 8

  /// The number of images in the batch.
  package let images: Int

  package init(images: Int) { self.images = images }

  package var microBatches: Int { (images + ShardPlan.microBatchImages - 1) / ShardPlan.microBatchImages }

  package var shards: Int { min(microBatches, ShardPlan.maxShards) }

  package func microBatches(ofShard shard: Int) -> Range<Int> {
    shard * microBatches / shards..<(shard + 1) * microBatches / shards
  }

  package func images(ofMicroBatch microBatch: Int) -> Range<Int> {
    microBatch * ShardPlan.microBatchImages..<min((microBatch + 1) * ShardPlan.microBatchImages, images)
  }
}
