import CKernels

/// The bias gradient: the output gradient summed over all pixels, in parts that are added in a fixed order.
package struct BiasGradient: Sendable {
  let pixels: Int
  let channels: Int
  let parts: EvenCut

  package init(_ geometry: ConvolutionGeometry) {
    (pixels, channels) = (geometry.pixels, geometry.outputChannels)
    parts = TileRule.parts(pixels: pixels, units: 1)
  }

  /// Scalars of shared memory for the sums of the parts.
  package var sharedFloats: Int { parts.count * channels }

  /// Computes the bias gradient.
  ///
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
