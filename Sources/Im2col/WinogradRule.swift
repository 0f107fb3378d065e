/// When Winograd's tiles beat columns, and how large their blocks are: by shape alone.
enum WinogradRule {
  /// Whether the transforms apply: 3x3, stride 1, no dilation, one group.
  static func allows(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.groups == 1
      && [geometry.window.height, geometry.window.width].allSatisfy {
        $0.kernel == 3 && $0.stride == 1 && $0.dilation == 1
      }
  }

  /// Tiles of the whole batch.
  static func tileCount(_ geometry: ConvolutionGeometry, _ tile: WinogradForward.Tile) -> Int {
    let side = tile.rawValue
    return geometry.batch * ((geometry.window.height.output + side - 1) / side)
      * ((geometry.window.width.output + side - 1) / side)
  }

  /// Layers with fewer input or output channels stay with columns: there is little to gain, and their sums
  /// are so short that the transforms' roundings would be most of the error.
  static let fewestChannels = 16

  /// Whether the transforms apply and the layer is wide enough for them.
  static func suits(_ geometry: ConvolutionGeometry) -> Bool {
    allows(geometry) && min(geometry.inputChannels, geometry.outputChannels) >= fewestChannels
  }

  /// The cheapest lowering by the estimate below, or nil where columns are.
  static func choice(_ geometry: ConvolutionGeometry) -> WinogradForward.Tile? {
    guard suits(geometry) else { return nil }
    let candidates = [WinogradForward.Tile.four, .two].map { ($0, cost(geometry, $0)) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 < columnsCost(geometry) else { return nil }
    return best.0
  }

  // The estimates count multiplications of one core; a scalar that is moved through a transform costs
  // as much as so many of them. The weights are rough, chosen from a handful of timings.

  /// A scalar of a transformed input or of a product.
  static let transformWeight = 14.0
  /// A scalar of a transformed kernel: written, and read again from far away.
  static let kernelWeight = 20.0
  /// The same where a unit transforms its own block and multiplies it at once.
  static let ownKernelWeight = 8.0
  /// A scalar of a column matrix.
  static let columnWeight = 6.0

  static func columnsCost(_ geometry: ConvolutionGeometry) -> Double {
    let (pixels, inputs) = (Double(geometry.pixels), Double(geometry.inputChannels))
    return pixels * 9 * inputs * (Double(geometry.outputChannels) + columnWeight)
  }

  static func cost(_ geometry: ConvolutionGeometry, _ tile: WinogradForward.Tile) -> Double {
    let (inputs, outputs) = (Double(geometry.inputChannels), Double(geometry.outputChannels))
    let tiles = Double(tileCount(geometry, tile))
    let kernelWeight = tileCount(geometry, tile) <= fewTiles ? ownKernelWeight : kernelWeight
    let inputPasses = (outputs / Double(widestOutputs)).rounded(.up)
    return Double(tile.positions)
      * (tiles * inputs * outputs + tiles * (inputs * inputPasses + outputs) * transformWeight
        + inputs * outputs * kernelWeight)
  }

  /// Channels of a block: wide enough for sgemm's small path to run at its full rate.
  static let widestInputs = 64
  static let widestOutputs = 64

  /// So few tiles go through a unit together, with the kernel's block beside them.
  static let fewTiles = 32
  /// Narrower blocks would not keep sgemm busy.
  static let narrowestBlock = 16

  /// The blocks of a layer of few tiles, all of them together with a block of the kernel; nil where there
  /// are more tiles, or where the budget is too small for that.
  static func blocksWithKernel(_ geometry: ConvolutionGeometry, _ tile: WinogradForward.Tile, budget: Int)
    -> (tiles: Int, inputs: Int, outputs: Int)?
  {
    let tiles = tileCount(geometry, tile)
    var inputs = min(geometry.inputChannels, widestInputs)
    var outputs = min(geometry.outputChannels, widestOutputs)
    guard tiles <= fewTiles else { return nil }
    while tile.positions * (tiles * (inputs + outputs) + inputs * outputs) > budget {
      if inputs >= outputs { inputs /= 2 } else { outputs /= 2 }
      guard min(inputs, outputs) >= narrowestBlock else { return nil }
    }
    // Blocks of outputs are the only units here: enough of them, so that workers end together.
    let shared = (geometry.outputChannels + TileRule.wantedUnits - 1) / TileRule.wantedUnits
    return (tiles, inputs, min(outputs, max(shared, narrowestBlock)))
  }

  /// Tiles and channels of the blocks that fill a budget: V and P of all positions.
  static func blocks(_ geometry: ConvolutionGeometry, _ tile: WinogradForward.Tile, budget: Int)
    -> (tiles: Int, inputs: Int, outputs: Int)
  {
    var inputs = min(geometry.inputChannels, widestInputs)
    var outputs = min(geometry.outputChannels, widestOutputs)
    // A small budget narrows the blocks before it thins the tiles to nothing.
    while tile.positions * (inputs + outputs) > budget, inputs + outputs > 2 {
      if inputs > outputs { inputs = (inputs + 1) / 2 } else { outputs = (outputs + 1) / 2 }
    }
    return (max(1, budget / (tile.positions * (inputs + outputs))), inputs, outputs)
  }

  // MARK: - The kernel's gradient

  /// Whether F(3x3, 4x4) beats columns for the kernel's gradient within a budget.
  static func suitsKernelGradient(_ geometry: ConvolutionGeometry, budget: Int) -> Bool {
    guard suits(geometry) else { return false }
    let blocks = gradientBlocks(geometry, budget: budget)
    let (inputs, outputs) = (Double(geometry.inputChannels), Double(geometry.outputChannels))
    let tiles = Double(tileCount(geometry, .four))
    // Both factors are transformed once for every block of the other's channels.
    let transforms = tiles * inputs * outputs * (1 / Double(blocks.inputs) + 1 / Double(blocks.outputs))
    let cost =
      Double(WinogradForward.Tile.four.positions)
      * (tiles * inputs * outputs + transforms * transformWeight + inputs * outputs * kernelWeight)
    return cost < columnsCost(geometry)
  }

  /// Channels of a block of products, and tiles that are multiplied at a time.
  static func gradientBlocks(_ geometry: ConvolutionGeometry, budget: Int)
    -> (tiles: Int, inputs: Int, outputs: Int)
  {
    let room = budget / WinogradForward.Tile.four.positions
    var inputs = min(geometry.inputChannels, widestInputs)
    var outputs = min(geometry.outputChannels, widestOutputs)
    // Products take at most two thirds, so that the sums over tiles are not cut too short.
    while 3 * inputs * outputs > 2 * room || inputs * outputs + inputs + outputs > room, inputs + outputs > 2
    {
      if inputs > outputs { inputs = (inputs + 1) / 2 } else { outputs = (outputs + 1) / 2 }
    }
    return (max(1, (room - inputs * outputs) / (inputs + outputs)), inputs, outputs)
  }
}
