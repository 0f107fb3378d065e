import ConvNet
import Testing

@Suite("Shard plan")
struct ShardPlanTests {
  @Test("ten micro-batches in eight shards")
  func example() {
    let plan = ShardPlan(images: 155)
    #expect(plan.microBatches == 10 && plan.shards == 8)
    #expect(
      (0..<8).map { plan.microBatches(ofShard: $0) } == [
        0..<1, 1..<2, 2..<3, 3..<5, 5..<6, 6..<7, 7..<8, 8..<10,
      ])
    #expect(plan.images(ofMicroBatch: 9) == 144..<155)
  }

  @Test("shards cover every micro-batch and micro-batches every image, in order")
  func covers() {
    for images in 0...300 {
      let plan = ShardPlan(images: images)
      let (shards, microBatches) = (0..<plan.shards, 0..<plan.microBatches)
      #expect(shards.flatMap { plan.microBatches(ofShard: $0) } == Array(microBatches), "\(images) images")
      #expect(microBatches.flatMap { plan.images(ofMicroBatch: $0) } == Array(0..<images))
      #expect(plan.shards <= ShardPlan.maxShards)
      #expect(shards.allSatisfy { !plan.microBatches(ofShard: $0).isEmpty }, "\(images) images")
      #expect(microBatches.allSatisfy { plan.images(ofMicroBatch: $0).count <= ShardPlan.microBatchImages })
    }
  }
}
