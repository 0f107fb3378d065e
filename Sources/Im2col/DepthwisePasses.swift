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
  package var loweringName: LoweringName { .depthwise }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(DepthwiseRule.allows(geometry))
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
        window, Int64(geometry.window.height.kernel), operands.input, operands.kernel, operands.bias,
        operands.activation.kernelFunction, Int64(rows.lowerBound), Int64(rows.upperBound), operands.result)
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
  package var loweringName: LoweringName { .depthwise }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(DepthwiseRule.allows(geometry))
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
  package var loweringName: LoweringName { .depthwise }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(DepthwiseRule.allows(geometry))
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
  static func allows(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.isDepthwise && geometry.outputChannels == geometry.inputChannels
  }

  /// Scalars of a band: large enough to amortize its scheduling, small enough to stay in cache.
  static let bandScalars = 16_384

  static func bands(rows: Int, scalars: Int) -> EvenCut {
    EvenCut(rows, atMost: max(1, bandScalars / max(1, scalars)))
  }
}
