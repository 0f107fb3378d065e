import CKernels

/// Forward pass of a grouped convolution. A unit is a band of output rows.
///
///     input rows --copied with their padding--> rows of a window in scratch
///         --spread over the lanes of groups--> * kernel --> 8 outputs in registers
struct GroupedForward: ConvolutionPass {
  private let rule: GroupedRule
  private let bands: EvenCut

  let stages: [Int]
  var scratchFloats: Int { rule.scratchFloats }
  let sharedFloats = 0

  init(_ problem: ConvolutionProblem) {
    rule = GroupedRule(problem)
    bands = rule.bands(\.output)
    stages = [bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    let (rows, channels) = (bands[unit], rule.geometry.outputChannels)
    let epilogue = operands.epilogue
    rule.withRows(rows, operands.input, scratch) {
      ckernels_grouped_forward(
        $0, operands.kernel, epilogue.bias, epilogue.registerFunction, operands.result)
    }
    let width = rule.geometry.window.width.output
    epilogue.finishActivation(
      operands.result + rows.lowerBound * width * channels, rows: rows.count * width,
      channels: 0..<channels, stride: channels)
  }
}

/// Input gradient at any stride: each unit computes a band of input rows from the outputs that read them. A first
/// stage transposes the kernel by vectors, unless groups have one channel.
struct GroupedInputGradient: ConvolutionPass {
  private let rule: GroupedRule
  private let bands: EvenCut
  /// Vectors whose kernel is transposed.
  private let vectors: Int

  let stages: [Int]
  let scratchFloats = 0
  var sharedFloats: Int { vectors * vectorKernel }
  private var vectorKernel: Int { rule.geometry.patchLength * GroupedRule.lanes }

  init(_ problem: ConvolutionProblem) {
    rule = GroupedRule(problem)
    bands = rule.bands(\.input)
    vectors = problem.geometry.isDepthwise ? 0 : problem.geometry.inputChannels / GroupedRule.lanes
    stages = [vectors, bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    rule.withRows(stage == 0 ? 0..<0 : bands[unit]) {
      if stage == 0 {
        ckernels_grouped_transpose_kernel(
          $0, operands.kernel, Int64(unit * GroupedRule.lanes), operands.shared + unit * vectorKernel)
      } else {
        ckernels_grouped_input_gradient(
          $0, operands.outputGradient, vectors == 0 ? operands.kernel : UnsafePointer(operands.shared),
          operands.result)
      }
    }
  }
}

/// Kernel gradient: parts of the output rows give partial sums, which a second stage adds in order.
struct GroupedKernelGradient: ConvolutionPass {
  private let rule: GroupedRule
  private let parts: EvenCut
  private let partial: PartialSums

  let stages: [Int]
  var scratchFloats: Int { rule.scratchFloats }
  var sharedFloats: Int { partial.floats }

  init(_ problem: ConvolutionProblem) {
    rule = GroupedRule(problem)
    parts = rule.parts()
    partial = PartialSums(count: rule.geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let target = partial.target(of: unit, operands), count = Int64(rule.geometry.kernelCount)
    if !partial.accumulates(operands) { ckernels_clear_rows(target, 1, count, count) }
    rule.withRows(parts[unit], operands.input, scratch) {
      ckernels_grouped_kernel_gradient($0, operands.outputGradient, target)
    }
  }
}
