import CKernels

/// The bias' gradient: the output's gradient summed over all pixels, part by part in a fixed order.
package struct BiasGradient: Sendable {
  let pixels: Int
  let channels: Int
  let parts: EvenCut

  package init(_ geometry: ConvolutionGeometry) {
    (pixels, channels) = (geometry.pixels, geometry.outputChannels)
    parts = TileRule.parts(pixels: pixels, units: 1)
  }

  /// Scalars that the parts need.
  package var sharedFloats: Int { parts.count * channels }

  /// - Parameters:
  ///   - outputGradient: `[batch, height, width, channels]`.
  ///   - result: `[channels]`, overwritten.
  ///   - shared: `sharedFloats` scalars.
  package func run(
    _ outputGradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
    shared: UnsafeMutablePointer<Float>, workers: Workers
  ) {
    workers.run(parts.count) { part, _ in
      let rows = parts[part]
      ckernels_sum_rows(
        outputGradient + rows.lowerBound * channels, Int64(rows.count), Int64(channels), Int64(channels),
        shared + part * channels, 0)
    }
    ckernels_sum_parts(shared, Int64(parts.count), Int64(channels), Int64(channels), result, 0)
  }
}
