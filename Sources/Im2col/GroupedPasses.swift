import CKernels

/// Groups of few channels with as many outputs: a vector of 16 output channels holds whole groups.
///
/// A matrix product of such a group would fill a fraction of a vector.
struct GroupedRule: Sendable {
  /// Channels of a vector.
  static let lanes = 16
  /// The sizes of a group that divide a vector; a single channel is depthwise.
  private static let sizes = [2, 4, 8, 16]
  /// Output pixels of a unit: enough to amortize its start.
  private static let pixelsOfUnit = 1_008

  let geometry: ConvolutionGeometry
  let bands: DirectBands

  init(_ problem: ConvolutionProblem) {
    geometry = problem.geometry
    let share = (geometry.pixels + TileRule.wantedUnits - 1) / TileRule.wantedUnits
    bands = DirectBands(
      geometry, atMost: problem.scratchFloats, pixels: max(1, min(Self.pixelsOfUnit, share)))
  }

  /// Whether groups divide a vector, and vectors divide the channels.
  @Sendable static func supportsInputGradient(_ problem: ConvolutionProblem) -> Bool {
    let geometry = problem.geometry, size = geometry.groupInputChannels
    return size == geometry.groupOutputChannels && sizes.contains(size)
      && geometry.outputChannels % lanes == 0
  }

  /// The same, and an output row fits the scratch.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    supportsInputGradient(problem) && DirectBands.fit(problem.geometry, in: problem.scratchFloats)
  }

  /// The multiplications, the input and the output, and the output rows of each vector.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry
    return CostTerms(
      multiplications: Double(geometry.pixels * geometry.patchLength) * Double(geometry.outputChannels),
      moved: Double(geometry.inputCount + geometry.outputCount),
      calls: Double(
        geometry.batch * geometry.window.height.output * geometry.outputChannels / lanes))
  }

  /// Calls `body` with the output rows of each image of a prepared band.
  ///
  /// - Parameter body: receives the first input row that they read, their number, and the number of their
  ///   first output pixel in the batch.
  func forEachImage(
    of band: DirectBands.Prepared,
    _ body: (_ input: UnsafePointer<Float>, _ rows: Int, _ firstOutput: Int) -> Void
  ) {
    let (height, width) = (Int(band.window.output_height), Int(band.window.output_width))
    var row = band.pixels.lowerBound / width
    let end = band.pixels.upperBound / width
    while row < end {
      let (image, first) = row.quotientAndRemainder(dividingBy: height)
      let rows = min(height - first, end - row)
      // The padding of a band is 0, or negative if the windows read only a part of the image.
      let inputRow =
        image * Int(band.window.input_height) + first * Int(band.window.stride_height)
        - Int(band.window.pad_top)
      let inputPixel = inputRow * Int(band.window.input_width) - Int(band.window.pad_left)
      body(
        band.input + inputPixel * geometry.inputChannels, rows,
        band.firstOutput + row * width - band.pixels.lowerBound)
      row += rows
    }
  }
}

/// Forward pass: a first stage packs the kernel by vectors, then each unit computes a band of output rows.
///
///     input --a band, with its padding--> spread over the lanes of groups * kernel --> 8 outputs in registers
struct GroupedForward: ConvolutionPass {
  private let rule: GroupedRule
  private var geometry: ConvolutionGeometry { rule.geometry }
  private var vectors: Int { geometry.outputChannels / GroupedRule.lanes }

  let stages: [Int]
  var scratchFloats: Int { rule.bands.scalars }
  var sharedFloats: Int { geometry.kernelCount }

  init(_ problem: ConvolutionProblem) {
    rule = GroupedRule(problem)
    stages = [problem.geometry.outputChannels / GroupedRule.lanes, rule.bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    if stage == 0 { return pack(vector: unit, operands) }
    let band = rule.bands.prepare(unit, input: operands.input, scratch: scratch)
    let (width, channels) = (geometry.window.width.output, geometry.outputChannels)
    rule.forEachImage(of: band) { input, rows, firstOutput in
      let output = operands.result + firstOutput * channels
      withUnsafePointer(to: band.window) { window in
        var job = ckernels_grouped_forward_job(
          window: window, group_channels: Int64(geometry.groupInputChannels), row_count: Int64(rows),
          input: input, kernel: operands.shared, bias: operands.epilogue.bias,
          function: operands.epilogue.registerFunction, output: output)
        ckernels_grouped_forward(&job)
      }
      operands.epilogue.finishActivation(
        output, rows: rows * width, channels: 0..<channels, stride: channels)
    }
  }

  private func pack(vector: Int, _ operands: PassOperands) {
    ckernels_grouped_pack(
      operands.kernel + vector * GroupedRule.lanes, Int64(geometry.patchLength),
      Int64(geometry.outputChannels),
      operands.shared + vector * GroupedRule.lanes * geometry.patchLength)
  }
}

/// Input gradient at any stride: a first stage transposes the kernel by vectors, then each unit computes a band
/// of input rows from the outputs that read them.
struct GroupedInputGradient: ConvolutionPass {
  private let geometry: ConvolutionGeometry
  private let bands: EvenCut

  let stages: [Int]
  let scratchFloats = 0
  var sharedFloats: Int { geometry.kernelCount }

  init(_ problem: ConvolutionProblem) {
    geometry = problem.geometry
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.input,
      scalars: geometry.window.width.input * geometry.inputChannels)
    stages = [geometry.inputChannels / GroupedRule.lanes, bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    let groupChannels = Int64(geometry.groupInputChannels)
    if stage == 0 {
      let channel = unit * GroupedRule.lanes
      return ckernels_grouped_pack_transposed(
        operands.kernel + channel, Int64(geometry.window.taps), groupChannels, Int64(geometry.inputChannels),
        operands.shared + channel * geometry.patchLength)
    }
    let rows = bands[unit]
    withUnsafePointer(to: geometry.kernelWindow) { window in
      var job = ckernels_grouped_input_gradient_job(
        window: window, group_channels: groupChannels, first_row: Int64(rows.lowerBound),
        end_row: Int64(rows.upperBound), output_gradient: operands.outputGradient, kernel: operands.shared,
        input_gradient: operands.result)
      ckernels_grouped_input_gradient(&job)
    }
  }
}

/// Kernel gradient: parts of the bands give partial sums, which a second stage adds in order.
struct GroupedKernelGradient: ConvolutionPass {
  private let rule: GroupedRule
  private let parts: EvenCut
  private let partial: PartialSums

  let stages: [Int]
  var scratchFloats: Int { rule.bands.scalars }
  var sharedFloats: Int { partial.floats }

  init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    rule = GroupedRule(problem)
    let wanted = TileRule.parts(pixels: geometry.pixels, units: 1).count
    parts = EvenCut(rule.bands.count, atMost: (rule.bands.count + wanted - 1) / max(1, wanted))
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let (geometry, target) = (rule.geometry, partial.target(of: unit, operands))
    if !partial.accumulates(operands) {
      ckernels_clear_rows(
        target, 1, Int64(geometry.kernelCount), Int64(geometry.kernelCount))
    }
    for index in parts[unit] {
      let band = rule.bands.prepare(index, input: operands.input, scratch: scratch)
      rule.forEachImage(of: band) { input, rows, firstOutput in
        withUnsafePointer(to: band.window) { window in
          var job = ckernels_grouped_kernel_gradient_job(
            window: window, group_channels: Int64(geometry.groupInputChannels), row_count: Int64(rows),
            input: input, output_gradient: operands.outputGradient + firstOutput * geometry.outputChannels,
            kernel_gradient: target)
          ckernels_grouped_kernel_gradient(&job)
        }
      }
    }
  }
}
