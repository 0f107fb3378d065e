/// Some output channels of one group, or those of several narrow groups, with all input channels that they see.
struct ChannelSlab: Sendable, Hashable {
  let inputs: Range<Int>
  let outputs: Range<Int>
  /// How many groups: each of them sees its own part of the inputs only.
  let groups: Int

  /// Input channels that one output channel sees: the rows of the slab's kernel.
  var groupInputs: Int { inputs.count / groups }
  /// Output channels of the slab that one group makes.
  var groupOutputs: Int { outputs.count / groups }

  /// Every group's outputs in slabs of at most so many, or as many groups as have so many together.
  static func cut(_ geometry: ConvolutionGeometry, outputsAtMost limit: Int) -> [ChannelSlab] {
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    if 2 * outputs <= limit {
      return EvenCut(geometry.groups, atMost: limit / outputs).ranges.map {
        ChannelSlab(
          inputs: $0.lowerBound * inputs..<$0.upperBound * inputs,
          outputs: $0.lowerBound * outputs..<$0.upperBound * outputs, groups: $0.count)
      }
    }
    let parts = EvenCut(outputs, atMost: limit).ranges
    return (0..<geometry.groups).flatMap { group in
      parts.map {
        ChannelSlab(
          inputs: group * inputs..<(group + 1) * inputs, outputs: $0.shifted(by: group * outputs), groups: 1)
      }
    }
  }

  /// Outputs of the widest of some slabs.
  static func widest(_ slabs: [ChannelSlab]) -> Int { slabs.map(\.outputs.count).max() ?? 0 }

  /// Scalars of the slab's transformed kernel.
  func kernelRoom(_ tile: WinogradTile) -> Int {
    WinogradPoints.room(tile, rows: groupInputs, channels: outputs.count)
  }
}
