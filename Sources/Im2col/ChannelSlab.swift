/// Some output channels of one group, with all input channels that they see.
struct ChannelSlab: Sendable, Hashable {
  let inputs: Range<Int>
  let outputs: Range<Int>

  /// Every group's outputs in slabs of at most so many.
  static func cut(_ geometry: ConvolutionGeometry, outputsAtMost limit: Int) -> [ChannelSlab] {
    let parts = EvenCut(geometry.groupOutputChannels, atMost: limit).ranges
    return (0..<geometry.groups).flatMap { group in
      parts.map { part in
        let (input, output) = (group * geometry.groupInputChannels, group * geometry.groupOutputChannels)
        return ChannelSlab(
          inputs: input..<input + geometry.groupInputChannels,
          outputs: output + part.lowerBound..<output + part.upperBound)
      }
    }
  }

  /// Outputs of the widest of some slabs.
  static func widest(_ slabs: [ChannelSlab]) -> Int { slabs.map(\.outputs.count).max() ?? 0 }

  /// Scalars of the slab's transformed kernel.
  func kernelRoom(_ tile: WinogradTile) -> Int {
    WinogradPoints.room(tile, rows: inputs.count, channels: outputs.count)
  }
}
