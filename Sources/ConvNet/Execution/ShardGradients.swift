import CKernels
import Im2col

/// The gradients of a batch: one flat array per shard, to be added along a fixed tree.
///
///     shards   0   1   2   3   4   5
///              \ /     \ /     \ /
///               +-- + --+       |        sum(n) = sum(p) + sum(n - p), p the largest power of 2 below n
///                   +---- + ----+
final class ShardGradients {
  /// The number of scalars in the gradient of one shard.
  let parameters: Int
  /// The distance in scalars between the gradients of two shards.
  let stride: Int
  /// The number of shards of the current batch.
  private(set) var count = 0
  private var memory: AlignedFloats

  init(parameters: Int) {
    self.parameters = parameters
    stride = CacheLine.rounded(parameters)
    memory = AlignedFloats(0)
  }

  /// Sets the number of shards; allocates only if it exceeds all earlier ones.
  func use(_ shards: Int) {
    if memory.count < shards * stride { memory = AlignedFloats(shards * stride) }
    count = shards
  }

  /// The gradient of a shard.
  func start(ofShard shard: Int) -> UnsafeMutablePointer<Float> { memory.start + shard * stride }

  /// The shards for the C kernels.
  var kernelShards: ckernels_shards {
    ckernels_shards(first: memory.start, stride: Int64(stride), count: Int64(count))
  }

  /// The sum of the shards, in the order of the update.
  var sum: [Float] {
    var sum = [Float](repeating: 0, count: parameters)
    sum.withUnsafeMutableBufferPointer { sum in
      guard let start = sum.baseAddress, count > 0 else { return }
      ckernels_sum_shards(Int64(parameters), kernelShards, start)
    }
    return sum
  }
}
