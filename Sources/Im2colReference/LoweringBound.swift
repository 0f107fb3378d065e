import Im2col

/// How far each lowering may be from the sum in Double; the one place that knows.
///
/// A product of columns adds up the very terms of the definition. Winograd's transforms mix a whole tile
/// of inputs into every output of the tile, so there the magnitudes are summed over the tile (each of
/// its inputs with the mean magnitude of the taps of its channel), and four times the bound is allowed.
package struct LoweringBound: Sendable, Equatable {
  /// Multiplies `ErrorBound.ofSum`.
  package let factor: Double
  /// Outputs along a tile's side whose inputs count together; nil where an output stands for itself.
  package let tile: Int?

  package init(_ lowering: LoweringName) {
    (factor, tile) =
      switch lowering {
      case .gemm, .im2col, .direct, .depthwise: (1, nil)
      case .winograd2: (4, 2)
      case .winograd4: (4, 4)
      }
  }

  /// The bound for one element by its own terms, which are some of its tile's.
  package func allowed(_ sum: PointReference.Sum) -> Double {
    factor * ErrorBound.ofSum(terms: sum.terms, magnitude: sum.magnitude)
  }

  /// The bound for one element.
  ///
  /// - Parameter tileMagnitude: asked only where a tile counts together; it takes longer than the sum itself.
  package func allowed(_ sum: PointReference.Sum, tileMagnitude: (Int) -> Double) -> Double {
    guard let tile else { return allowed(sum) }
    let magnitude = max(sum.magnitude, tileMagnitude(tile))
    return factor * ErrorBound.ofSum(terms: sum.terms, magnitude: magnitude)
  }
}

extension PointReference {
  /// The magnitudes of all terms of the tile that output `index` lies in.
  ///
  ///     tile of m x m outputs       reads (m + r - 1) x (m + r - 1) inputs under an r x r kernel at stride 1
  ///
  /// - Parameters:
  ///   - index: of an output in row-major order.
  ///   - side: outputs along the tile's side.
  package func outputTileMagnitude(at index: Int, side: Int) -> Double {
    tileMagnitude(of: geometry, index: index, side: side, input: input) { c, o in
      meanTap { ($0 * geometry.groupInputChannels + c) * geometry.outputChannels + o }
    }
  }

  /// The same for an element of the input's gradient, which is the convolution of the output's gradient
  /// with the rotated kernel.
  package func inputGradientTileMagnitude(at index: Int, side: Int) -> Double {
    let rotated = RotatedInputGradient.rotated(geometry)
    return tileMagnitude(of: rotated, index: index, side: side, input: outputGradient) { o, c in
      let output = c / geometry.groupInputChannels * geometry.groupOutputChannels + o
      let input = c % geometry.groupInputChannels
      return meanTap { ($0 * geometry.groupInputChannels + input) * geometry.outputChannels + output }
    }
  }

  /// The same for an element of the kernel's gradient: all taps of its pair of channels are made together.
  package func kernelGradientTileMagnitude(at index: Int) -> Double {
    let tapStride = geometry.groupInputChannels * geometry.outputChannels
    return (0..<geometry.window.taps).reduce(0) { total, tap in
      total + kernelGradient(at: tap * tapStride + index % tapStride, count: 1)[0].magnitude
    }
  }

  private func meanTap(_ index: (Int) -> Int) -> Double {
    let sum = (0..<geometry.window.taps).reduce(0.0) { $0 + Double(abs(kernel.scalars[index($1)])) }
    return sum / Double(geometry.window.taps)
  }

  /// - Parameter weight: of a channel of the group seen, and of the channel made.
  private func tileMagnitude(
    of geometry: ConvolutionGeometry, index: Int, side: Int, input: Tensor,
    weight: (_ seen: Int, _ made: Int) -> Double
  ) -> Double {
    let (height, width) = (geometry.window.height, geometry.window.width)
    let made = index % geometry.outputChannels
    let pixel = index / geometry.outputChannels
    let (i, j) = (pixel / width.output % height.output, pixel % width.output)
    let image = pixel / geometry.pixelsPerImage
    let firstChannel = made / geometry.groupOutputChannels * geometry.groupInputChannels
    let rows = height.positions(underTile: i / side, side: side)
    let columns = width.positions(underTile: j / side, side: side)
    return (0..<geometry.groupInputChannels).reduce(0) { total, c in
      var seen = 0.0
      for y in rows {
        for x in columns {
          let pixel = (image * height.input + y) * width.input + x
          seen += Double(abs(input.scalars[pixel * geometry.inputChannels + firstChannel + c]))
        }
      }
      return total + seen * weight(c, made)
    }
  }
}

extension AxisGeometry {
  /// The positions on the image that tile `tile` of `side` windows reads.
  fileprivate func positions(underTile tile: Int, side: Int) -> Range<Int> {
    let first = tile * side * stride - before
    let end = first + (side - 1) * stride + extent
    return min(max(first, 0), input)..<min(max(end, 0), input)
  }
}
