/// Some output channels of one group, or all of several narrow groups, with the input channels that they
/// read.
struct ChannelSlab: Sendable, Hashable {
  let inputs: Range<Int>
  let outputs: Range<Int>
  /// The number of groups; each reads its own part of the inputs.
  let groups: Int

  /// Input channels that one output channel reads: the rows of the slab's kernel.
  var groupInputs: Int { inputs.count / groups }
  /// Output channels of one group in the slab.
  var groupOutputs: Int { outputs.count / groups }

  /// Returns slabs that read no input of another slab: about as many groups as fill whole vectors.
  static func apart(_ geometry: ConvolutionGeometry) -> [ChannelSlab] {
    let (inputs, outputs, lanes) = (
      geometry.groupInputChannels, geometry.groupOutputChannels, CacheLine.floats
    )
    let whole = [1, 2, 4, 8].first { $0 * inputs % lanes == 0 && $0 * outputs % lanes == 0 } ?? lanes
    return joined(geometry, atMost: 2 * whole > geometry.groups ? geometry.groups : whole)
  }

  /// Joins whole groups.
  private static func joined(_ geometry: ConvolutionGeometry, atMost limit: Int) -> [ChannelSlab] {
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    return EvenCut(geometry.groups, atMost: limit).ranges.map {
      ChannelSlab(
        inputs: $0.lowerBound * inputs..<$0.upperBound * inputs,
        outputs: $0.lowerBound * outputs..<$0.upperBound * outputs, groups: $0.count)
    }
  }

  /// Splits the outputs of every group into slabs of at most `limit`, or joins whole groups up to that limit.
  ///
  /// - Returns: at least one slab; none is wider than the first.
  static func cut(_ geometry: ConvolutionGeometry, outputsAtMost limit: Int) -> [ChannelSlab] {
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    if 2 * outputs <= limit { return joined(geometry, atMost: limit / outputs) }
    let parts = EvenCut(outputs, atMost: limit).ranges
    return (0..<geometry.groups).flatMap { group in
      parts.map {
        ChannelSlab(
          inputs: group * inputs..<(group + 1) * inputs, outputs: $0.shifted(by: group * outputs), groups: 1)
      }
    }
  }

  /// Returns the scalars of the slab's transformed kernel.
  func kernelScalars(_ tile: WinogradTile) -> Int {
    WinogradPoints.scalarCount(tile, rows: groupInputs, channels: outputs.count)
  }
}
