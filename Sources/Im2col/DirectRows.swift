import CKernels

/// Layers of one input channel and few output channels without a column matrix: vector lanes are the columns
/// of an output row, and one tap contributes to all of them at once.
enum DirectRowsRule {
  /// A vector of output columns.
  private static let lanes = 16

  static func suits(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Bool {
    let (height, width) = (geometry.window.height, geometry.window.width)
    return settings.lowering == .automatic && geometry.inputChannels == 1 && geometry.outputChannels < lanes
      && [height, width].allSatisfy { $0.stride == 1 && $0.dilation == 1 } && width.output >= lanes
      && height.kernel * (width.output + width.kernel - 1) <= Int(ckernels_padded_scalars)
      // A row that is transposed must fit in scratch.
      && (settings.layout == .channelsByPixels
        || width.output * geometry.outputChannels <= settings.scratchFloats)
  }

  /// Returns the output rows of a unit, limited by cache size and scratch.
  static func rowsOfUnit(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> Int {
    let rowScalars = geometry.window.width.output * geometry.outputChannels
    return max(1, min(TileRule.channelRowsScalars, settings.scratchFloats) / rowScalars)
  }
}

/// Forward pass: output rows as planes of channels, transposed into pixels by channels for that layout.
///
///     input --rows, padded--> sums of taps, 16 columns by 6 channels --bias, activation--> [channels x pixels]
package struct DirectRowsForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let layout: PixelLayout
  let window: ckernels_window
  /// The output rows of all images.
  let rows: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats = 0
  package var loweringName: LoweringName { .direct }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    self.geometry = geometry
    layout = settings.layout
    window = geometry.kernelWindow
    rows = EvenCut(
      geometry.batch * geometry.window.height.output, atMost: DirectRowsRule.rowsOfUnit(geometry, settings))
    stages = [rows.count]
    scratchFloats =
      layout == .pixelsByChannels ? rows.size * geometry.window.width.output * geometry.outputChannels : 0
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (rows, width, channels) = (rows[unit], geometry.window.width.output, geometry.outputChannels)
    let pixels = rows.count * width
    let transposed = layout == .pixelsByChannels
    let planes = transposed ? scratch : operands.result + rows.lowerBound * width
    let planeStride = Int64(transposed ? pixels : geometry.pixels)
    withUnsafePointer(to: window) { window in
      ckernels_direct_rows_forward(
        window, Int64(geometry.window.height.kernel), operands.input, operands.kernel, Int64(channels),
        Int64(rows.lowerBound), Int64(rows.upperBound), planes, planeStride)
    }
    ckernels_finish_channels(
      planes, Int64(channels), Int64(pixels), planeStride, operands.bias, operands.activation.kernelFunction)
    if transposed {
      ckernels_transpose(
        planes, Int64(channels), Int64(pixels), planeStride,
        operands.result + rows.lowerBound * width * channels, Int64(channels))
    }
  }
}

/// Kernel gradient: each element is one long dot product over planes, 16 columns at a time.
///
///     input --rows, padded--> * output gradient [channels x pixels] --> summed in the kernel gradient
///
/// Parts of the rows give partial sums, which are added in order.
package struct DirectRowsKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let layout: PixelLayout
  let window: ckernels_window
  let parts: EvenCut
  /// Rows that are processed at a time.
  let rowsOfTile: Int

  package let stages: [Int]
  package let scratchFloats: Int
  package var sharedFloats: Int { partial.floats }
  package var loweringName: LoweringName { .direct }

  private let partial: PartialSums

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    self.geometry = geometry
    layout = settings.layout
    window = geometry.kernelWindow
    let rows = geometry.batch * geometry.window.height.output, width = geometry.window.width.output
    parts = TileRule.parts(
      total: rows, units: 1, atLeast: (TileRule.minPartPixels + width - 1) / max(1, width))
    rowsOfTile = min(parts.size, DirectRowsRule.rowsOfUnit(geometry, settings))
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
    scratchFloats = layout == .pixelsByChannels ? rowsOfTile * width * geometry.outputChannels : 0
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (part, target) = (parts[unit], partial.target(of: unit, operands))
    let tiles = EvenCut(part.count, atMost: rowsOfTile)
    for index in 0..<tiles.count {
      let rows = tiles[index].shifted(by: part.lowerBound)
      let (planes, planeStride) = planes(rows, operands.outputGradient, scratch: scratch)
      withUnsafePointer(to: window) { window in
        ckernels_direct_rows_kernel_gradient(
          window, Int64(geometry.window.height.kernel), operands.input, planes, Int64(planeStride),
          Int64(geometry.outputChannels), Int64(rows.lowerBound), Int64(rows.upperBound),
          index > 0 || partial.accumulates(operands) ? 1 : 0, target)
      }
    }
  }

  /// Returns the output gradient of some rows as `[channels, pixels]`, and the distance between planes.
  private func planes(
    _ rows: Range<Int>, _ gradient: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> (UnsafePointer<Float>, Int) {
    let (width, channels) = (geometry.window.width.output, geometry.outputChannels)
    guard layout == .pixelsByChannels else { return (gradient + rows.lowerBound * width, geometry.pixels) }
    let pixels = rows.count * width
    ckernels_transpose(
      gradient + rows.lowerBound * width * channels, Int64(pixels), Int64(channels), Int64(channels), scratch,
      Int64(pixels))
    return (UnsafePointer(scratch), pixels)
  }
}
