import CKernels

/// The bias' gradient: the output's gradient summed over all pixels, shard by shard in a fixed order.
package struct BiasGradient: Sendable {
  let pixels: Int
  let channels: Int
  let shards: EvenCut

  package init(_ geometry: ConvolutionGeometry) {
    (pixels, channels) = (geometry.pixels, geometry.outputChannels)
    shards = TileRule.shards(pixels: pixels, units: 1)
  }

  /// Scalars that the shards need.
  package var sharedFloats: Int { shards.count * channels }

  /// - Parameters:
  ///   - outputGradient: `[batch, height, width, channels]`.
  ///   - result: `[channels]`, overwritten.
  ///   - shared: `sharedFloats` scalars.
  package func run(
    _ outputGradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
    shared: UnsafeMutablePointer<Float>, workers: Workers
  ) {
    workers.run(shards.count) { shard, _ in
      let rows = shards[shard]
      ckernels_sum_rows(
        outputGradient + rows.lowerBound * channels, Int64(rows.count), Int64(channels), Int64(channels),
        shared + shard * channels, 0)
    }
    ckernels_sum_parts(shared, Int64(shards.count), Int64(channels), Int64(channels), result, 0)
  }
}
