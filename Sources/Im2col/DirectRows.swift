import CKernels

/// Layers of one input channel and few output channels without a column matrix: vector lanes are the columns
/// of an output row, and one tap contributes to all of them at once.
enum DirectRowsRule {
  /// Whether there is one input channel at stride 1 without dilation, with rows that fit the padded copy of
  /// the kernel and the scratch.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    let geometry = problem.geometry, (height, width) = (geometry.window.height, geometry.window.width)
    return geometry.inputChannels == 1 && geometry.window.hasUnitStride && geometry.window.hasUnitDilation
      && height.kernel * (width.output + width.kernel - 1) <= Int(ckernels_padded_scalars)
      && width.output * geometry.outputChannels <= problem.scratchFloats
  }

  /// The kernel gradient reads whole vectors of output columns.
  @Sendable static func supportsGradient(_ problem: ConvolutionProblem) -> Bool {
    supports(problem) && problem.geometry.window.width.output >= 16
  }

  /// The multiplications, with output columns rounded up to whole vectors, and the planes. The kernel gradient
  /// takes as long for fewer taps of a row as for five.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry, (height, width) = (geometry.window.height, geometry.window.width)
    let rows = geometry.batch * height.output
    let tapsOfRow = problem.pass == .kernelGradient ? (width.kernel + 4) / 5 * 5 : width.kernel
    return CostTerms(
      multiplications: Double(rows * LoweringTable.vectors(width.output))
        * Double(height.kernel * tapsOfRow * geometry.outputChannels),
      moved: Double(geometry.outputCount + rows * height.kernel * width.input), calls: Double(rows))
  }

  /// Scalars of the planes of a unit, which stay in the first two cache levels.
  private static let planeScalars = 40_000

  /// Returns the scalars of scratch that a unit uses.
  static func scratch(_ problem: ConvolutionProblem) -> Int { min(planeScalars, problem.scratchFloats) }

  /// Returns the output rows of a unit.
  static func rowsOfUnit(_ problem: ConvolutionProblem) -> Int {
    max(1, scratch(problem) / (problem.geometry.window.width.output * problem.geometry.outputChannels))
  }
}

/// Forward pass: output rows as planes of channels in scratch, transposed into the output.
///
///     input --rows, padded--> sums of taps, 16 columns by 6 channels --> [channels x pixels]
///           --transposed--> [pixels x channels] --bias, activation--> output
package struct DirectRowsForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  /// The output rows of all images.
  let rows: EvenCut

  package let stages: [Int]
  package let scratchFloats: Int
  package let sharedFloats = 0

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    self.geometry = geometry
    window = geometry.kernelWindow
    rows = EvenCut(
      geometry.batch * geometry.window.height.output, atMost: DirectRowsRule.rowsOfUnit(problem))
    stages = [rows.count]
    scratchFloats = rows.size * geometry.window.width.output * geometry.outputChannels
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (rows, width, channels) = (rows[unit], geometry.window.width.output, geometry.outputChannels)
    let pixels = rows.count * width
    withUnsafePointer(to: window) { window in
      var job = ckernels_direct_rows_forward_job(
        window: window, input: operands.input,
        kernel: operands.kernel, channels: Int64(channels), first_row: Int64(rows.lowerBound),
        end_row: Int64(rows.upperBound), planes: scratch, plane_stride: Int64(pixels))
      ckernels_direct_rows_forward(&job)
    }
    let output = operands.result + rows.lowerBound * width * channels
    ckernels_transpose(
      scratch, Int64(channels), Int64(pixels), Int64(pixels), output, Int64(channels))
    operands.epilogue.finish(output, rows: pixels, channels: 0..<channels, stride: channels)
  }
}

/// Kernel gradient: each element is one long dot product over planes, 16 columns at a time.
///
///     input --rows, padded--> * output gradient [channels x pixels] --> summed in the kernel gradient
///
/// Parts of the rows give partial sums, which are added in order.
package struct DirectRowsKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let parts: EvenCut
  /// Rows that are processed at a time.
  let rowsOfTile: Int

  package let stages: [Int]
  package let scratchFloats: Int
  package var sharedFloats: Int { partial.floats }

  private let partial: PartialSums

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    self.geometry = geometry
    window = geometry.kernelWindow
    let rows = geometry.batch * geometry.window.height.output, width = geometry.window.width.output
    parts = TileRule.parts(
      total: rows, units: 1, atLeast: (TileRule.minPartPixels + width - 1) / max(1, width))
    rowsOfTile = min(parts.size, DirectRowsRule.rowsOfUnit(problem))
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
    scratchFloats = rowsOfTile * width * geometry.outputChannels
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (part, target) = (parts[unit], partial.target(of: unit, operands))
    let tiles = EvenCut(part.count, atMost: rowsOfTile)
    let (width, channels) = (geometry.window.width.output, geometry.outputChannels)
    for index in 0..<tiles.count {
      let rows = tiles[index].shifted(by: part.lowerBound)
      let pixels = rows.count * width
      ckernels_transpose(
        operands.outputGradient + rows.lowerBound * width * channels, Int64(pixels), Int64(channels),
        Int64(channels), scratch, Int64(pixels))
      withUnsafePointer(to: window) { window in
        var job = ckernels_direct_rows_kernel_gradient_job(
          window: window, input: operands.input,
          planes: scratch, plane_stride: Int64(pixels), channels: Int64(channels),
          first_row: Int64(rows.lowerBound), end_row: Int64(rows.upperBound),
          accumulate: index > 0 || partial.accumulates(operands) ? 1 : 0, kernel_gradient: target)
        ckernels_direct_rows_kernel_gradient(&job)
      }
    }
  }
}
