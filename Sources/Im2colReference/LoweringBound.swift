import Im2col

/// The maximum error of each lowering, compared with the sum in Double.
///
/// A product of columns adds the terms of the direct sum. Winograd's transforms mix all inputs of a tile into
/// every output of the tile. So the magnitudes are summed over the tile, each input with the mean magnitude
/// of the taps of its channel, and four times the bound is allowed.
package struct LoweringBound: Sendable, Equatable {
  /// The factor of `ErrorBound.ofSum`.
  package let factor: Double
  /// The side of a tile of outputs whose magnitudes are summed, or nil if each output has its own.
  package let tile: Int?

  /// The lowerings that add other terms than those of the direct sum.
  private static let transformed: [Lowering: (Double, Int?)] = [.winograd2: (4, 2), .winograd4: (4, 4)]

  package init(_ lowering: Lowering) {
    (factor, tile) = LoweringBound.transformed[lowering] ?? (1, nil)
  }

  /// Returns the bound for one element from only its own terms.
  package func allowed(_ sum: PointReference.Sum) -> Double {
    factor * ErrorBound.ofSum(terms: sum.terms, magnitude: sum.magnitude)
  }

  /// Returns the bound for one element.
  ///
  /// - Parameter tileMagnitude: called only if magnitudes are summed over a tile, because it takes longer
  ///   than the sum.
  package func allowed(_ sum: PointReference.Sum, tileMagnitude: (Int) -> Double) -> Double {
    guard let tile else { return allowed(sum) }
    let magnitude = max(sum.magnitude, tileMagnitude(tile))
    return factor * ErrorBound.ofSum(terms: sum.terms, magnitude: magnitude)
  }
}

extension PointReference {
  /// Returns the sum of the magnitudes of all terms of the tile of element `index` of the result of a pass.
  package func tileMagnitude(_ pass: ConvolutionProblem.Pass, at index: Int, side: Int) -> Double {
    switch pass {
    case .forward: outputTileMagnitude(at: index, side: side)
    case .inputGradient: inputGradientTileMagnitude(at: index, side: side)
    case .kernelGradient: kernelGradientTileMagnitude(at: index)
    }
  }

  /// Returns the sum of the magnitudes of all terms of the tile of output `index`.
  ///
  ///     tile of m x m outputs       reads (m + r - 1) x (m + r - 1) inputs under an r x r kernel at stride 1
  ///
  /// - Parameters:
  ///   - index: the row-major index of an output.
  ///   - side: the side of the tile in outputs.
  package func outputTileMagnitude(at index: Int, side: Int) -> Double {
    tileMagnitude(of: geometry, index: index, side: side, input: input) { c, o in
      meanTap { ($0 * geometry.groupInputChannels + c) * geometry.outputChannels + o }
    }
  }

  /// Returns the same for an element of the input gradient, which is the convolution of the output gradient
  /// with the rotated kernel.
  package func inputGradientTileMagnitude(at index: Int, side: Int) -> Double {
    let rotated = RotatedInputGradient.rotated(geometry)
    return tileMagnitude(of: rotated, index: index, side: side, input: outputGradient) { o, c in
      let output = c / geometry.groupInputChannels * geometry.groupOutputChannels + o
      let input = c % geometry.groupInputChannels
      return meanTap { ($0 * geometry.groupInputChannels + input) * geometry.outputChannels + output }
    }
  }

  /// Returns the same for an element of the kernel gradient, where all taps of a pair of channels form a
  /// tile.
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

  /// - Parameter weight: the weight of an input channel of the group for an output channel.
  private func tileMagnitude(
    of geometry: ConvolutionGeometry, index: Int, side: Int, input: Tensor,
    weight: (_ input: Int, _ output: Int) -> Double
  ) -> Double {
    let (height, width) = (geometry.window.height, geometry.window.width)
    let output = index % geometry.outputChannels
    let pixel = index / geometry.outputChannels
    let (i, j) = (pixel / width.output % height.output, pixel % width.output)
    let image = pixel / geometry.pixelsPerImage
    let firstChannel = output / geometry.groupOutputChannels * geometry.groupInputChannels
    let rows = height.positions(underTileOf: i, side: side)
    let columns = width.positions(underTileOf: j, side: side)
    return (0..<geometry.groupInputChannels).reduce(0) { total, c in
      var magnitude = 0.0
      for y in rows {
        for x in columns {
          let pixel = (image * height.input + y) * width.input + x
          magnitude += Double(abs(input.scalars[pixel * geometry.inputChannels + firstChannel + c]))
        }
      }
      return total + magnitude * weight(c, output)
    }
  }
}

extension AxisGeometry {
  /// Returns the positions inside the image that the tile of window `window` reads, at stride 1. The windows
  /// of a tile are `dilation` apart. Along an axis of one tap, tiles are one pixel wide.
  fileprivate func positions(underTileOf window: Int, side: Int) -> [Int] {
    let (subimage, index) = (window % dilation, window / dilation)
    let side = kernel == 1 ? 1 : side
    let first = subimage + index / side * side * dilation - before
    return (0..<side + kernel - 1).map { first + $0 * dilation }.filter { (0..<input).contains($0) }
  }
}
