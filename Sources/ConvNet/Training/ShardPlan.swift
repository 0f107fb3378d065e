/// How a batch is dealt out and its gradients are added up, told by the number of images alone.
///
///     images   | micro-batch 0 | micro-batch 1 | micro-batch 2 | micro-batch 3 | micro-batch 4 |     16 images each, the last one what is left
///     shards    |      shard 0       |      shard 1       | shard 2  |     at most 8, neighboring micro-batches together
///
/// A shard is worked off in order and adds up in a gradient of its own; any thread may have any shard. The shards'
/// gradients are then summed in the order of the shards. So the sum has one order of additions, whoever did what.
package struct ShardPlan: Sendable, Equatable {
  /// Images in a micro-batch: large enough for matrix products, small enough that all of a small net's numbers for
  /// them stay in a core's cache, and LeNet-5's products under the size up to which OpenBLAS does not pack.
  package static let microBatchImages = 16
  /// Images that a profile takes through the net at once where there are no micro-batches.
  package static let maxProbedImages = 1024
  /// More shards would make their sum dearer than it has to be.
  package static let maxShards = 8

  /// Images in the batch.
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
