import CKernels

/// Forward pass of a depthwise convolution with one output channel per input channel.
///
/// A matrix product would have a single column, so the sums are computed directly, with channels as vector
/// lanes:
///
///     input rows --copied with their padding--> rows of a window in scratch * kernel --> 8 outputs in registers
///
/// A unit is a band of output rows.
struct DepthwiseForward: ConvolutionPass {
  private let rule: DepthwiseRule

  let stages: [Int]
  var scratchFloats: Int { rule.scratchFloats }
  let sharedFloats = 0

  init(_ problem: ConvolutionProblem) {
    rule = DepthwiseRule(problem)
    stages = [rule.bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    let (rows, channels) = (rule.bands[unit], rule.geometry.outputChannels)
    let epilogue = operands.epilogue
    rule.withRows(rows, operands.input, scratch) {
      ckernels_depthwise_forward(
        $0, operands.kernel, epilogue.bias, epilogue.registerFunction, operands.result)
    }
    let width = rule.geometry.window.width.output
    epilogue.finishActivation(
      operands.result + rows.lowerBound * width * channels, rows: rows.count * width,
      channels: 0..<channels, stride: channels)
  }
}

/// Input gradient at any stride: each input row sums over the output rows that read it. A unit is a band of
/// input rows.
struct DepthwiseInputGradient: ConvolutionPass {
  private let geometry: ConvolutionGeometry
  private let bands: EvenCut

  let stages: [Int]
  let scratchFloats = 0
  let sharedFloats = 0

  init(_ problem: ConvolutionProblem) {
    geometry = problem.geometry
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.input,
      scalars: geometry.window.width.input * geometry.inputChannels)
    stages = [bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    let rows = bands[unit]
    withUnsafePointer(to: geometry.kernelWindow) { window in
      ckernels_depthwise_input_gradient(
        window, operands.outputGradient, operands.kernel, Int64(rows.lowerBound), Int64(rows.upperBound),
        operands.result)
    }
  }
}

/// Kernel gradient of a depthwise convolution: parts of the output rows give partial sums, which are added in
/// order.
struct DepthwiseKernelGradient: ConvolutionPass {
  private let rule: DepthwiseRule
  private let parts: EvenCut
  private let partial: PartialSums

  let stages: [Int]
  var scratchFloats: Int { rule.scratchFloats }
  var sharedFloats: Int { partial.floats }

  init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    rule = DepthwiseRule(problem)
    let rowScalars = geometry.window.width.output * geometry.outputChannels
    parts = TileRule.parts(
      total: geometry.batch * geometry.window.height.output, units: 1,
      atLeast: DepthwiseRule.bandScalars / max(1, rowScalars) + 1)
    partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let target = partial.target(of: unit, operands)
    if !partial.accumulates(operands) {
      ckernels_clear_rows(target, 1, Int64(rule.geometry.kernelCount), Int64(rule.geometry.kernelCount))
    }
    rule.withRows(parts[unit], operands.input, scratch) {
      ckernels_depthwise_kernel_gradient($0, operands.outputGradient, target)
    }
  }
}

/// The layers that the direct sums support, and how their work is split.
struct DepthwiseRule: Sendable {
  let geometry: ConvolutionGeometry
  /// Output rows of a unit.
  let bands: EvenCut
  /// Output columns whose input rows are in scratch at a time.
  private let columns: Int

  /// The rows of a 3x3 window over 32 outputs and 64 channels take 28 KiB of a first-level cache of 32 KiB.
  private static let maxColumns = 32

  init(_ problem: ConvolutionProblem) {
    geometry = problem.geometry
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.output,
      scalars: geometry.window.width.output * geometry.outputChannels)
    let together = Int(ckernels_depthwise_together), (geometry, budget) = (geometry, problem.scratchFloats)
    columns =
      stride(from: DepthwiseRule.maxColumns, to: together, by: -together).first {
        DepthwiseRule.scratchFloats(geometry, columns: $0) <= budget
      } ?? together
  }

  var scratchFloats: Int { DepthwiseRule.scratchFloats(geometry, columns: columns) }

  private static func scratchFloats(_ geometry: ConvolutionGeometry, columns: Int) -> Int {
    withUnsafePointer(to: geometry.kernelWindow) { Int(ckernels_depthwise_scratch($0, Int64(columns))) }
  }

  /// Calls `body` with some output rows as an argument of the C kernels.
  func withRows(
    _ rows: Range<Int>, _ input: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
    _ body: (UnsafePointer<ckernels_depthwise_rows>) -> Void
  ) {
    withUnsafePointer(to: geometry.kernelWindow) { window in
      var rows = ckernels_depthwise_rows(
        window: window, input: input, first_row: Int64(rows.lowerBound), end_row: Int64(rows.upperBound),
        columns: Int64(columns), scratch: scratch)
      body(&rows)
    }
  }

  /// Whether there is one output channel per input channel, and more than one channel.
  @Sendable static func supportsInputGradient(_ problem: ConvolutionProblem) -> Bool {
    problem.geometry.isDepthwise && problem.geometry.outputChannels == problem.geometry.inputChannels
  }

  /// The same, and the input rows of eight outputs fit the scratch.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    supportsInputGradient(problem)
      && scratchFloats(problem.geometry, columns: Int(ckernels_depthwise_together)) <= problem.scratchFloats
  }

  /// The multiplications, with channels rounded up to whole vectors, and the input and output.
  @Sendable static func terms(_ problem: ConvolutionProblem) -> CostTerms {
    let geometry = problem.geometry
    return CostTerms(
      multiplications: Double(geometry.pixels * geometry.window.taps)
        * Double(LoweringTable.vectors(geometry.inputChannels)),
      moved: Double(geometry.inputCount + geometry.outputCount),
      calls: Double(geometry.batch * geometry.window.height.output))
  }

  /// Scalars of a band: large enough to amortize copying the rows above it, and small enough for the
  /// second-level cache.
  static let bandScalars = 131_072

  static func bands(rows: Int, scalars: Int) -> EvenCut {
    let share = max(1, rows / TileRule.wantedUnits)
    return EvenCut(rows, atMost: min(share, max(1, bandScalars / max(1, scalars))))
  }
}
