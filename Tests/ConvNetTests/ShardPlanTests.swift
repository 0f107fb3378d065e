import ConvNet
import Testing

@Suite("Shard plan")
struct ShardPlanTests {
  @Test("ten groups of 16 images in eight shards")
  func example() {
    let plan = ShardPlan(images: 155)
    #expect(plan.shards == 8)
    #expect(
      (0..<8).map(plan.images(ofShard:)) == [
        0..<16, 16..<32, 32..<48, 48..<80, 80..<96, 96..<112, 112..<128, 128..<155,
      ])
    #expect(plan.microBatches(ofShard: 7) == [128..<144, 144..<155])
    #expect(
      ShardPlan(images: 155, microBatchImages: 6).microBatches(ofShard: 1) == [16..<22, 22..<28, 28..<32])
  }

  @Test("shards and micro-batches cover every image in order, whatever the size of a micro-batch")
  func covers() {
    for images in 0...300 {
      for size in [1, 3, 8, 16] {
        let plan = ShardPlan(images: images, microBatchImages: size)
        let shards = (0..<plan.shards).map(plan.images(ofShard:))
        #expect(shards == (0..<plan.shards).map(ShardPlan(images: images).images(ofShard:)))
        #expect(shards.flatMap(\.self) == Array(0..<images), "\(images) images")
        #expect(plan.shards <= ShardPlan.maxShards && shards.allSatisfy { !$0.isEmpty })
        let parts = (0..<plan.shards).flatMap(plan.microBatches(ofShard:))
        #expect(parts.flatMap(\.self) == Array(0..<images), "\(images) images by \(size)")
        #expect(parts.allSatisfy { (1...size).contains($0.count) })
        let all = (0..<plan.microBatches).map(plan.images(ofMicroBatch:))
        #expect(all.flatMap(\.self) == Array(0..<images) && all.allSatisfy { (1...size).contains($0.count) })
      }
    }
  }
}
