import Im2col

/// A random convolution with every setting that affects how it is computed. Its description is one line in
/// the style of oneDNN's benchdnn.
package struct ConvolutionCase: Sendable, CustomStringConvertible {
  package let seed: UInt64
  package let geometry: ConvolutionGeometry
  package let padding: Padding
  package let scratchBytes: Int
  package let workers: Int

  /// The distance between windows.
  package var stride: Size2D {
    Size2D(height: geometry.window.height.stride, width: geometry.window.width.stride)
  }

  /// The distance between taps.
  package var dilation: Size2D {
    Size2D(height: geometry.window.height.dilation, width: geometry.window.width.dilation)
  }

  /// The seed, then the sizes by the letters of benchdnn.
  package var description: String {
    let (h, w) = (geometry.window.height, geometry.window.width)
    return """
      seed \(seed): g\(geometry.groups)mb\(geometry.batch)ic\(geometry.inputChannels)ih\(h.input)iw\(w.input)\
      oc\(geometry.outputChannels)oh\(h.output)ow\(w.output)_kh\(h.kernel)kw\(w.kernel)_sh\(h.stride)sw\(w.stride)\
      _dh\(h.dilation)dw\(w.dilation)_pt\(h.before)pb\(h.after)pl\(w.before)pr\(w.after) (\(padding)), \
      scratch \(scratchBytes), \(workers) workers
      """
  }

  /// Creates a case from its parts.
  package init(
    seed: UInt64, geometry: ConvolutionGeometry, padding: Padding, scratchBytes: Int, workers: Int
  ) {
    (self.seed, self.geometry, self.padding) = (seed, geometry, padding)
    (self.scratchBytes, self.workers) = (scratchBytes, workers)
  }

  /// Creates a random case: batch 0-5, channels 1-33, height and width 1-40, kernel 1-7, stride 1-4,
  /// independent padding 0-7 on each side (which may exceed the kernel), dilation 1-3, groups up to
  /// depthwise, scratch from 4 KiB to 1 MiB, 1-3 workers.
  ///
  /// - Parameter multiplications: the maximum, which limits the time of the loop nest.
  package init(seed: UInt64, multiplications: Int = 500_000) {
    var random = SplitMix64(seed: seed)
    while true {
      let padding: Padding = random.pick([
        .valid, .same, .sameLower, .sameExtent,
        .explicit(
          top: random.roll(0...7), bottom: random.roll(0...7), left: random.roll(0...7),
          right: random.roll(0...7)),
      ])
      let (inputChannels, outputChannels, groups) = ConvolutionCase.channels(&random)
      let kernel =
        random.oneIn(8)
        ? Size2D(height: 1, width: 1) : Size2D(height: random.roll(1...7), width: random.roll(1...7))
      let stride: Size2D =
        random.oneIn(3) ? 1 : Size2D(height: random.roll(1...4), width: random.roll(1...4))
      let dilation: Size2D =
        random.oneIn(2) ? 1 : Size2D(height: random.roll(1...3), width: random.roll(1...3))
      // A case that does not fit the image or the limit is rejected. Image sizes are drawn again first, so
      // that large images do not crowd out long sums.
      guard
        let geometry = (0..<20).lazy.compactMap({ _ in
          try? ConvolutionGeometry(
            input: [
              random.oneIn(40) ? 0 : random.roll(1...5), random.roll(1...40), random.roll(1...40),
              inputChannels,
            ],
            kernel: [kernel.height, kernel.width, inputChannels / groups, outputChannels],
            stride: stride, dilation: dilation, groups: groups, padding: padding)
        }).first(where: { $0.pixels * $0.patchLength * outputChannels <= multiplications })
      else { continue }
      self.seed = seed
      self.geometry = geometry
      self.padding = padding
      // Small budgets are as frequent as large ones, because they split the work into tiles.
      scratchBytes = 4 * random.roll(1024...262_144 >> random.roll(0...8))
      workers = random.roll(1...3)
      return
    }
  }

  /// Returns random channels and groups: half of the cases have one group, and a quarter are depthwise.
  private static func channels(_ random: inout SplitMix64) -> (input: Int, output: Int, groups: Int) {
    switch random.roll(0...3) {
    case 0:
      let channels = random.roll(1...33)
      return (channels, channels * random.roll(1...max(1, 33 / channels)), channels)
    case 1:
      let groups = random.roll(2...5)
      return (groups * random.roll(1...33 / groups), groups * random.roll(1...33 / groups), groups)
    default:
      return (random.roll(1...33), random.roll(1...33), 1)
    }
  }

  /// Returns operands of small integers, sparse if sums are long.
  package func integers() -> ConvolutionOperands {
    var random = SplitMix64(seed: seed &+ 0x5eed)
    let longest = max(
      geometry.patchLength, geometry.window.taps * geometry.groupOutputChannels, geometry.pixels, 1)
    let density = min(1, 16_384 / Double(longest))
    return ConvolutionOperands(
      input: random.integers(geometry.inputShape, density: density),
      kernel: random.integers(geometry.kernelShape, density: density),
      bias: random.integers([geometry.outputChannels]),
      outputGradient: random.integers(geometry.outputShape, density: density))
  }

  /// Returns operands of reals in [-1, 1).
  package func reals() -> ConvolutionOperands {
    var random = SplitMix64(seed: seed &+ 0x4ea1)
    return ConvolutionOperands(
      input: random.reals(geometry.inputShape), kernel: random.reals(geometry.kernelShape),
      bias: random.reals([geometry.outputChannels]), outputGradient: random.reals(geometry.outputShape))
  }
}
