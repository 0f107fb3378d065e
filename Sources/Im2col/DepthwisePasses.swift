import CKernels

/// Forward pass of a depthwise convolution with one output channel per input channel.
///
/// A matrix product would have a single column, so the sums are computed directly, with channels as vector
/// lanes. Nothing is gathered, and taps outside the image are skipped. A unit is a band of output rows.
package struct DepthwiseForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let bands: EvenCut

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats = 0

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    precondition(DepthwiseRule.supports(problem))
    self.geometry = geometry
    window = geometry.kernelWindow
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.output,
      scalars: geometry.window.width.output * geometry.outputChannels)
    stages = [bands.count]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let rows = bands[unit]
    withUnsafePointer(to: window) { window in
      ckernels_depthwise_forward(
        window, Int64(geometry.window.height.kernel), operands.input, operands.kernel, operands.epilogue.bias,
        operands.epilogue.activation.kernelFunction, Int64(rows.lowerBound), Int64(rows.upperBound), operands.result)
    }
  }
}

/// Input gradient of a depthwise convolution: each input row sums over the output rows that read it. A unit
/// is a band of input rows.
package struct DepthwiseInputGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let bands: EvenCut

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats = 0

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    precondition(DepthwiseRule.supports(problem))
    self.geometry = geometry
    window = geometry.kernelWindow
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.input,
      scalars: geometry.window.width.input * geometry.inputChannels)
    stages = [bands.count]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let rows = bands[unit]
    withUnsafePointer(to: window) { window in
      ckernels_depthwise_input_gradient(
        window, Int64(geometry.window.height.kernel), operands.outputGradient, operands.kernel,
        Int64(rows.lowerBound),
        Int64(rows.upperBound), operands.result)
    }
  }
}

/// Kernel gradient of a depthwise convolution: parts of the output rows give partial sums, which are added in
/// order.
package struct DepthwiseKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let parts: EvenCut

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats: Int

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    precondition(DepthwiseRule.supports(problem))
    self.geometry = geometry
    window = geometry.kernelWindow
    let rowScalars = geometry.window.width.output * geometry.outputChannels
    parts = TileRule.parts(
      total: geometry.batch * geometry.window.height.output, units: 1,
      atLeast: DepthwiseRule.bandScalars / max(1, rowScalars) + 1)
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
    sharedFloats = partial.floats
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let rows = parts[unit]
    withUnsafePointer(to: window) { window in
      ckernels_depthwise_kernel_gradient(
        window, Int64(geometry.window.height.kernel), operands.input, operands.outputGradient,
        Int64(rows.lowerBound),
        Int64(rows.upperBound), partial.accumulates(operands) ? 1 : 0, partial.target(of: unit, operands))
    }
  }
}

/// The layers that the direct sums support, and the size of their bands.
enum DepthwiseRule {
  /// Whether there is one output channel per input channel, and more than one channel.
  @Sendable static func supports(_ problem: ConvolutionProblem) -> Bool {
    problem.geometry.isDepthwise && problem.geometry.outputChannels == problem.geometry.inputChannels
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

  /// Scalars of a band: large enough to amortize its scheduling, small enough to stay in cache.
  static let bandScalars = 16_384

  static func bands(rows: Int, scalars: Int) -> EvenCut {
    EvenCut(rows, atMost: max(1, bandScalars / max(1, scalars)))
  }
}
